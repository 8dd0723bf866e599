import { KybernError } from '../../model/index.ts';
import { type FetchedBody, fetchBody, withoutSecrets } from '../fetching/fetch-body.ts';
import type { QuerySource } from './query-config.ts';

/** One thing that a source is asked for. */
export interface PullQuery {
  readonly index: number;
  readonly expr: string;
  readonly as: string;
  /** `raw`: stored samples of a selector; `range`: an expression at every step. */
  readonly kind: 'raw' | 'range';
}

export function queriesOf(source: QuerySource): PullQuery[] {
  return [
    ...source.queries.map(({ expr, as }) => ({ kind: 'range' as const, expr, as })),
    ...source.match.map((expr) => ({ kind: 'raw' as const, expr, as: '' })),
  ].map((query, index) => ({ ...query, index }));
}

/**
 * Asks for the samples of a query in (fromMs, toMs]. Raw samples come from an instant query of a range selector, which
 * gives them as they are stored; an expression is evaluated at whole multiples of the step. Rejects with
 * KYBERN_UNAVAILABLE, KYBERN_BODY_TOO_LARGE.
 */
export function askQueryApi(
  source: QuerySource,
  query: PullQuery,
  fromMs: number,
  toMs: number,
  signal: AbortSignal,
): Promise<FetchedBody> {
  const stepMs = source.stepSeconds * 1000;
  const shared = {
    timeout: `${source.timeoutSeconds}s`,
    limit: String(source.limits.series + 1),
    // VictoriaMetrics would otherwise answer with results that it adjusted to its own cache.
    nocache: '1',
  };
  const form =
    query.kind === 'range'
      ? { query: query.expr, start: seconds(fromMs + stepMs), end: seconds(toMs), step: String(source.stepSeconds) }
      : { query: `${query.expr}[${Math.ceil(toMs - fromMs)}ms]`, time: seconds(toMs) };
  return fetchBody(
    {
      url: `${source.url.replace(/\/+$/, '')}/api/v1/${query.kind === 'range' ? 'query_range' : 'query'}`,
      access: source,
      headers: { accept: 'application/json' },
      form: new URLSearchParams({ ...form, ...shared }),
      timeoutMs: source.timeoutSeconds * 1000,
      bodyBytes: source.limits.bodyBytes,
    },
    signal,
  );
}

/**
 * What a refusing status means: KYBERN_QUERY_REFUSED where asking again changes nothing, KYBERN_UNAVAILABLE where it may.
 * `said` is the error in the answer, where there is one.
 */
export function statusError(source: QuerySource, query: PullQuery, status: number, said: string): KybernError {
  const passing = status >= 500 || status === 429 || status === 408 || status < 400;
  const detail = `${withoutSecrets(source.url)} answers ${status} to ${query.expr.slice(0, 200)}: ${said.slice(0, 500)}`;
  return new KybernError(passing ? 'KYBERN_UNAVAILABLE' : 'KYBERN_QUERY_REFUSED', detail);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

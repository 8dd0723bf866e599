import {
  type Clock,
  canonicalLabels,
  KybernError,
  type Metrics,
  type SampleBatch,
  type SeriesCatalog,
  type SignalBatch,
  type StateFiles,
  toTimestamp,
} from '../../model/index.ts';
import type { IngestLimits } from '../config.ts';
import { createIngestMetrics } from '../intake/ingest-metrics.ts';
import { createTally, type Tally } from '../intake/tally.ts';
import { askQueryApi, type PullQuery, queriesOf, statusError } from './ask-query-api.ts';
import { inTimeOrder } from './in-time-order.ts';
import { createMetricIndex } from './metric-index.ts';
import { openPullPositions, type PullPositions } from './pull-positions.ts';
import { createPullState, type QueryState } from './pull-state.ts';
import type { QuerySource } from './query-config.ts';
import { type AnswerNotes, readAnswer } from './read-answer.ts';

export interface QueryPullerDeps {
  readonly source: QuerySource;
  readonly limits: IngestLimits;
  readonly catalog: SeriesCatalog;
  /** Durable once resolved. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly stateFiles: StateFiles;
  /** Tells people: warnings of the source, what it refuses, how far a backfill is. */
  readonly tell: (level: 'info' | 'warn', text: string) => void;
}

interface Taken {
  readonly query: PullQuery;
  readonly toMs: number;
  readonly batch: SampleBatch;
  readonly tally: Tally;
}

const batchRows = 20_000;

/**
 * Pulls from one query API: first the history that is asked for, in chunks and in order of time, then what is new at every
 * interval. What a query has reached is remembered for each, so that a restart goes on where it stood.
 */
export function createQueryPuller(deps: QueryPullerDeps) {
  const { source, limits, catalog, clock, metrics, tell } = deps;
  const queries = queriesOf(source);
  const index = createMetricIndex(catalog, limits, {
    own: canonicalLabels(Object.entries(source.labels)),
    honor: false,
  });
  const counts = createIngestMetrics(metrics);
  const requests = metrics.counter('kybern_query_requests_total', 'Requests to query APIs.', ['source', 'outcome']);
  const warnings = metrics.counter('kybern_query_warnings_total', 'Warnings and infos of query APIs.', ['source']);
  const reachedGauge = metrics.gauge('kybern_query_position_seconds', 'Event time that a source was read to.', [
    'source',
  ]);
  const lastTimes = new Map<number, number>();
  let positions: PullPositions | undefined;
  let state: ReturnType<typeof createPullState> | undefined;

  async function begin() {
    positions ??= await openPullPositions(deps.stateFiles, source);
    state ??= createPullState(source, queries, positions, clock.now(), tell);
    return { positions, state };
  }

  function noteAnswer(query: PullQuery, notes: AnswerNotes, told: QueryState): void {
    warnings.add(notes.warnings.length, { source: source.name });
    for (const text of notes.warnings) {
      if (told.isNews(text)) tell('warn', `${source.name}: ${query.expr.slice(0, 200)}: ${text.slice(0, 500)}`);
    }
    requests.add(1, { source: source.name, outcome: notes.series === 0 ? 'empty' : 'ok' });
  }

  async function take(of: QueryState, toMs: number, signal: AbortSignal): Promise<Taken | undefined> {
    const { query } = of;
    const tally = createTally();
    try {
      const answer = await askQueryApi(source, query, of.fromMs(), toMs, signal);
      counts.request('query', 'metrics', answer.status, answer.body.length);
      of.waitAtLeast(answer.retryAfterSeconds);
      const refused = answer.status < 200 || answer.status > 299;
      // A page of a proxy is no answer: its status tells what it means.
      if (refused && answer.body[0] !== 0x7b) throw statusError(source, query, answer.status, 'no JSON');
      const { notes, columns } = readAnswer(
        answer.body,
        { ...source.limits, latestMs: clock.now() + limits.futureSeconds * 1000 },
        (bytes, start, end) => index.find(query.index, query.as, bytes, start, end),
        (series) => lastTimes.get(series) ?? of.resumedMs,
        tally,
      );
      if (refused || notes.status === 'error') {
        throw statusError(source, query, refused ? answer.status : 422, `${notes.errorType} ${notes.error}`.trim());
      }
      noteAnswer(query, notes, of);
      return { query, toMs, batch: columns.batch(), tally };
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof KybernError)) throw error;
      requests.add(1, { source: source.name, outcome: error.code });
      of.failed(error, clock.now());
      return undefined;
    }
  }

  async function append(taken: readonly Taken[]): Promise<void> {
    const batches = taken.map(({ batch }) => batch).filter(({ count }) => count > 0);
    try {
      for (const batch of inTimeOrder(batches, batchRows)) await deps.append([batch]);
    } catch (error) {
      for (const { tally } of taken) {
        tally.rejected.log += tally.accepted;
        tally.accepted = 0;
      }
      throw error;
    } finally {
      for (const { tally } of taken) counts.items('query', 'metrics', tally);
    }
    for (const { series, timesMs, count } of batches) {
      for (let row = 0; row < count; row++) {
        if (timesMs[row] > (lastTimes.get(series[row]) ?? 0)) lastTimes.set(series[row], timesMs[row]);
      }
    }
  }

  /** One chunk of time of all queries that are due. Whether more is there to be read now. */
  async function pull(signal: AbortSignal): Promise<boolean> {
    const { positions: reached, state: of } = await begin();
    const nowMs = clock.now();
    const chunk = of.nextChunk(nowMs);
    const taken: Taken[] = [];
    for (const { state: query, toMs } of chunk) {
      const answer = await take(query, toMs, signal);
      if (answer !== undefined) taken.push(answer);
    }
    if (signal.aborted) return false;
    try {
      await append(taken);
      const done = new Map(taken.map(({ query, toMs }) => [query, toMs]));
      if (done.size > 0) await reached.put(done);
      of.reached(done, nowMs);
      reachedGauge.set(of.positionMs() / 1000, { source: source.name });
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
      for (const { state: query } of chunk) query.failed(error, nowMs);
    }
    return of.nextChunk(clock.now()).length > 0;
  }

  return {
    pull,
    /** What it is at, or what is wrong: people should know, but what else arrives is taken all the same. */
    standing: () => ({
      ready: true,
      detail: state?.problem() ?? (state === undefined ? 'not read yet' : `read to ${toTimestamp(state.positionMs())}`),
    }),
    /** Pulls until the signal aborts. */
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        if (await pull(signal)) continue;
        if (!(await clock.sleep(Math.max(1000, state?.pauseMs(clock.now()) ?? 0), signal))) return;
      }
    },
  };
}

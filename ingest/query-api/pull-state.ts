import { type KybernError, toTimestamp } from '../../model/index.ts';
import type { PullQuery } from './ask-query-api.ts';
import type { PullPositions } from './pull-positions.ts';
import type { QuerySource } from './query-config.ts';

/** Where one query stands. */
export interface QueryState {
  readonly query: PullQuery;
  /** Where it stood when this process began: what it has of its own look-back was taken by the process before. */
  readonly resumedMs: number;
  /** Samples are wanted that are later than this: the position, less the look-back. */
  fromMs(): number;
  /** What the server said in a Retry-After. */
  waitAtLeast(seconds: number | undefined): void;
  failed(error: KybernError, nowMs: number): void;
  /** Whether a warning was not told before. */
  isNews(text: string): boolean;
}

const firstPauseMs = 1_000;
const longestPauseMs = 300_000;
const keptWarnings = 100;

/**
 * Decides what is read next. A query that fails waits, longer each time (a refused one five minutes), and holds up no
 * other; one whose answer is too large covers less time.
 */
export function createPullState(
  source: QuerySource,
  queries: readonly PullQuery[],
  positions: PullPositions,
  startedMs: number,
  tell: (level: 'info' | 'warn', text: string) => void,
) {
  const stepMs = source.stepSeconds * 1000;
  const fullChunkMs = Math.max(stepMs, source.chunkSeconds * 1000);
  let toldAtMs = 0;
  const states = queries.map(stateOf);
  const backfillFromMs = Math.min(...states.map((state) => state.positionMs()));
  const backfillToMs = endFor('raw', startedMs);
  let filling = backfillToMs - backfillFromMs > 2 * fullChunkMs;
  if (filling) tell('info', `${source.name}: reads what lies behind ${toTimestamp(backfillFromMs)}`);

  function endFor(kind: PullQuery['kind'], nowMs: number): number {
    const end = nowMs - source.delaySeconds * 1000;
    return kind === 'range' ? Math.floor(end / stepMs) * stepMs : end;
  }

  function stateOf(query: PullQuery) {
    const saved = positions.get(query);
    const begunMs =
      endFor('range', startedMs) - Math.ceil(source.backfillSeconds / source.stepSeconds) * stepMs - stepMs;
    let positionMs = saved ?? begunMs;
    let chunkMs = fullChunkMs;
    let pauseMs = firstPauseMs;
    let retryAtMs = 0;
    let askedToWaitMs = 0;
    let problem: KybernError | undefined;
    const warned = new Set<string>();
    return {
      query,
      resumedMs: saved ?? 0,
      positionMs: () => positionMs,
      problem: () => problem,
      retryAtMs: () => retryAtMs,
      fromMs() {
        // The first look has nothing behind it.
        return positionMs <= begunMs ? positionMs : Math.max(begunMs, positionMs - lookbackMs(query.kind));
      },
      /** Up to where the next request goes; undefined where there is nothing to ask for. */
      nextTo(nowMs: number): number | undefined {
        const end = endFor(query.kind, nowMs);
        // Expressions have times of their own; raw samples are asked for as often as people want to.
        const least = query.kind === 'range' ? stepMs : source.intervalSeconds * 1000;
        if (retryAtMs > nowMs || end - positionMs < least) return undefined;
        const to = Math.min(end, positionMs + chunkMs);
        return query.kind === 'range' ? Math.floor(to / stepMs) * stepMs : to;
      },
      waitAtLeast(seconds: number | undefined) {
        askedToWaitMs = Math.min(longestPauseMs, (seconds ?? 0) * 1000);
      },
      failed(error: KybernError, nowMs: number) {
        if (error.code !== problem?.code) tell('warn', `${source.name}: ${error.code}: ${error.message}`);
        problem = error;
        if (error.code === 'KYBERN_BODY_TOO_LARGE' && chunkMs > stepMs) {
          chunkMs = Math.max(stepMs, Math.floor(chunkMs / 2 / stepMs) * stepMs);
          return;
        }
        const lasting = error.code === 'KYBERN_QUERY_REFUSED' || error.code === 'KYBERN_BODY_TOO_LARGE';
        retryAtMs = nowMs + (lasting ? longestPauseMs : Math.max(pauseMs, askedToWaitMs));
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      },
      reached(toMs: number) {
        positionMs = toMs;
        chunkMs = Math.min(fullChunkMs, chunkMs * 2);
        pauseMs = firstPauseMs;
        retryAtMs = 0;
        if (problem !== undefined) tell('info', `${source.name}: answers again`);
        problem = undefined;
      },
      isNews(text: string) {
        if (warned.has(text)) return false;
        if (warned.size >= keptWarnings) warned.clear();
        warned.add(text);
        return true;
      },
    };
  }

  function lookbackMs(kind: PullQuery['kind']): number {
    const lookback = source.lookbackSeconds * 1000;
    return kind === 'range' ? Math.floor(lookback / stepMs) * stepMs : lookback;
  }

  function positionMs(): number {
    return Math.min(...states.map((state) => state.positionMs()));
  }

  function tellProgress(nowMs: number): void {
    const done = positionMs();
    if (!filling || (done < backfillToMs - fullChunkMs && nowMs - toldAtMs < 10_000)) return;
    toldAtMs = nowMs;
    filling = done < backfillToMs - fullChunkMs;
    const share = Math.round(((done - backfillFromMs) / (backfillToMs - backfillFromMs)) * 100);
    tell('info', `${source.name}: history read to ${toTimestamp(done)} (${filling ? share : 100} %)`);
  }

  return {
    /** The requests of the next chunk: those furthest behind come first, so that time goes on in order. */
    nextChunk(nowMs: number): { readonly state: QueryState; readonly toMs: number }[] {
      const due = states.flatMap((state) => {
        const toMs = state.nextTo(nowMs);
        return toMs === undefined || toMs <= state.positionMs() ? [] : [{ state, toMs }];
      });
      const first = Math.min(...due.map(({ toMs }) => toMs));
      return due.filter(({ state }) => state.positionMs() < first);
    },
    reached(done: ReadonlyMap<PullQuery, number>, nowMs: number): void {
      for (const state of states) {
        const toMs = done.get(state.query);
        if (toMs !== undefined) state.reached(toMs);
      }
      tellProgress(nowMs);
    },
    positionMs,
    problem(): string | undefined {
      const wrong = states.find((state) => state.problem() !== undefined)?.problem();
      return wrong === undefined ? undefined : `${wrong.code}: ${wrong.message}`;
    },
    /** How long nothing is to be asked. */
    pauseMs(nowMs: number): number {
      const retries = states.map((state) => state.retryAtMs()).filter((retryAtMs) => retryAtMs > nowMs);
      return Math.min(source.intervalSeconds * 1000, ...retries.map((retryAtMs) => retryAtMs - nowMs));
    },
  };
}

import type { Clock, SignalBatch } from '../../model/index.ts';

type Append = (batches: readonly SignalBatch[]) => Promise<void>;

export interface WatchedLog {
  readonly append: Append;
  readonly standing: () => { readonly part: 'log'; readonly ready: boolean; readonly detail: string };
}

/** Not ready sends senders elsewhere, and then nothing tells that the log takes again: so it is tried again after this. */
const forgetAfterMs = 10_000;

/** The log as readiness sees it: not ready from an append that failed until one succeeds, or none was tried for ten seconds. */
export function watchLog(append: Append, clock: Clock): WatchedLog {
  let failure: { readonly atMs: number; readonly detail: string } | undefined;
  return {
    async append(batches) {
      try {
        await append(batches);
        failure = undefined;
      } catch (error) {
        failure = { atMs: clock.now(), detail: String(error) };
        throw error;
      }
    },
    standing() {
      const isAway = failure !== undefined && clock.now() - failure.atMs < forgetAfterMs;
      return { part: 'log', ready: !isAway, detail: isAway ? (failure?.detail ?? '') : 'takes what comes' };
    },
  };
}

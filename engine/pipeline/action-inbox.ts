import { type Action, toEpochMs } from '../../model/index.ts';

/** Revisions of actions on their way to the analysis, in the order in which they were recorded. */
export interface ActionInbox {
  put(action: Action): void;
  /** Those recorded before this moment that were not taken yet, epoch milliseconds. */
  takeBefore(timeMs: number): readonly Action[];
  /** Leaves out those that were taken before a restart: so many, counted from the first one ever recorded. */
  skip(count: number): void;
  /** How many were taken, counted from the first one ever recorded. */
  readonly taken: number;
}

/**
 * Actions happen outside the log of signals, yet the stages learn of them. Told at any moment, a replay would be told of
 * them before what led to them, and would decide otherwise. So each waits for the first log record that was received
 * after it: in a replay that is the same one.
 */
export function createActionInbox(): ActionInbox {
  let waiting: Action[] = [];
  let taken = 0;

  function take(count: number): readonly Action[] {
    const first = waiting.slice(0, count);
    waiting = waiting.slice(count);
    taken += first.length;
    return first;
  }

  return {
    put: (action) => waiting.push(action),
    takeBefore(timeMs) {
      if (waiting.length === 0) return waiting;
      const later = waiting.findIndex((action) => toEpochMs(action.updatedAt) >= timeMs);
      return take(later === -1 ? waiting.length : later);
    },
    skip(count) {
      take(count - taken);
    },
    get taken() {
      return taken;
    },
  };
}

import { type Decision, toEpochMs } from '../../model/index.ts';

/** Decisions of people and of the actuator, which the stages learn from. */
export type AwaitedDecision = Extract<Decision, { readonly type: 'action' | 'feedback' | 'maintenance' }>;

/** Revisions of such decisions on their way to the analysis, in the order in which they were recorded. */
export interface DecisionInbox {
  /** Other decisions are left out. */
  put(decision: Decision): void;
  /** Those recorded before this moment that were not taken yet, epoch milliseconds. */
  takeBefore(timeMs: number): readonly AwaitedDecision[];
  /** Leaves out those that were taken before a restart: so many, counted from the first one ever recorded. */
  skip(count: number): void;
  /** How many were taken, counted from the first one ever recorded. */
  readonly taken: number;
}

/**
 * Actions and the word of operators happen outside the log of signals, yet the stages learn of them. Told at any moment, a
 * replay would be told of them before what led to them, and would decide otherwise. So each waits for the first log record
 * that was received after it: in a replay that is the same one.
 */
export function createDecisionInbox(): DecisionInbox {
  let waiting: AwaitedDecision[] = [];
  let taken = 0;

  function take(count: number): readonly AwaitedDecision[] {
    const first = waiting.slice(0, count);
    waiting = waiting.slice(count);
    taken += first.length;
    return first;
  }

  return {
    put(decision) {
      const { type } = decision;
      if (type === 'action' || type === 'feedback' || type === 'maintenance') waiting.push(decision);
    },
    takeBefore(timeMs) {
      if (waiting.length === 0) return waiting;
      const later = waiting.findIndex(({ value }) => toEpochMs(value.updatedAt) >= timeMs);
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

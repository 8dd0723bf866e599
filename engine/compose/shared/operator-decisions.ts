import type { Decision } from '../../../model/index.ts';

/** What operators said, for scorers that start at any time. */
export interface OperatorDecisions {
  /** Takes in each decision of the group, in order. */
  note(decision: Decision): void;
  /** Tells of all from the first on, and of each that comes; returns a function that ends it. */
  follow(listener: (decision: Decision) => void): () => void;
}

export function createOperatorDecisions(): OperatorDecisions {
  const said: Decision[] = [];
  const listeners = new Set<(decision: Decision) => void>();
  return {
    note(decision) {
      if (decision.type !== 'feedback' && decision.type !== 'maintenance') return;
      said.push(decision);
      for (const listener of listeners) listener(decision);
    },
    follow(listener) {
      for (const decision of said) listener(decision);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

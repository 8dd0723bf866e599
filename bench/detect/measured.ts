import type { Evaluation } from './evaluate.ts';

/** One method on all of a set's series or machines, in their order. */
export interface MeasuredMethod {
  readonly name: string;
  readonly evaluations: readonly Evaluation[];
  /** Of a whole set, such as NAB's scores. */
  readonly further: Readonly<Record<string, number>>;
}

export interface Measured {
  readonly names: readonly string[];
  readonly methods: readonly MeasuredMethod[];
}

/** Grows evaluations method by method. */
export interface MethodLedger {
  add(method: string, evaluation: Evaluation): void;
  note(method: string, further: Readonly<Record<string, number>>): void;
  methods(): readonly MeasuredMethod[];
}

export function createMethodLedger(): MethodLedger {
  const byName = new Map<string, { evaluations: Evaluation[]; further: Record<string, number> }>();
  const entryOf = (name: string) => {
    const known = byName.get(name) ?? { evaluations: [], further: {} };
    byName.set(name, known);
    return known;
  };
  return {
    add: (method, evaluation) => void entryOf(method).evaluations.push(evaluation),
    note: (method, further) => void Object.assign(entryOf(method).further, further),
    methods: () => [...byName].map(([name, entry]) => ({ name, ...entry })),
  };
}

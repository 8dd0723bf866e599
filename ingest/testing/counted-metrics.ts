import type { Metrics } from '../../model/index.ts';

export interface CountedMetrics extends Metrics {
  /** Sum of a counter's values whose labels include these. */
  total(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** Metrics that a test can read. */
export function createCountedMetrics(): CountedMetrics {
  const counts: { name: string; amount: number; labels: Readonly<Record<string, string>> }[] = [];
  return {
    counter: (name) => ({ add: (amount, labels = {}) => void counts.push({ name, amount, labels }) }),
    gauge: () => ({ set: () => {} }),
    histogram: () => ({ observe: () => {} }),
    total: (name, wanted = {}) =>
      counts
        .filter((count) => count.name === name)
        .filter(({ labels }) => Object.entries(wanted).every(([key, value]) => labels[key] === value))
        .reduce((sum, { amount }) => sum + amount, 0),
  };
}

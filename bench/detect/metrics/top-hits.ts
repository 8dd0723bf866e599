import type { LabelledCause } from '../../../datasets/series/index.ts';

const named = 3;

/**
 * How many of the three metrics that are named first are among those that people named, of as many as could be; the mean
 * over incidents. `contributions` says how much each metric has to do with it from one point to another. NaN without
 * an incident.
 */
export function topHits(
  causes: readonly LabelledCause[],
  contributions: (first: number, last: number) => Float64Array,
): number {
  let sum = 0;
  for (const { first, last, metrics } of causes) {
    const parts = contributions(first, last);
    const top = Array.from(parts, (_, metric) => metric)
      .sort((a, b) => parts[b]! - parts[a]!)
      .slice(0, named);
    sum += top.filter((metric) => metrics.includes(metric)).length / Math.min(named, metrics.length);
  }
  return causes.length === 0 ? Number.NaN : sum / causes.length;
}

import { firstAfter } from './change-score.ts';
import { quantileOf } from './quantile.ts';
import type { Points } from './series-history.ts';

const leastPoints = 4;

/**
 * Pearson correlation of two series from `fromMs` on, the second taken at the first one's times (its last point at or
 * just after then, within one step). NaN with fewer than four common points or a constant side.
 */
export function correlation(symptom: Points, other: Points, fromMs: number, stepMs = stepOf(symptom)): number {
  const start = firstAfter(symptom.times, fromMs);
  const slackMs = stepMs / 2;
  let n = 0;
  let sumX = 0;
  let sumY = 0;
  let sumXX = 0;
  let sumYY = 0;
  let sumXY = 0;
  for (let i = start; i < symptom.times.length; i += 1) {
    const at = firstAfter(other.times, symptom.times[i] + slackMs) - 1;
    if (at < 0 || symptom.times[i] - other.times[at] > slackMs * 4) continue;
    const x = symptom.values[i];
    const y = other.values[at];
    n += 1;
    sumX += x;
    sumY += y;
    sumXX += x * x;
    sumYY += y * y;
    sumXY += x * y;
  }
  if (n < leastPoints) return Number.NaN;
  const varianceX = sumXX - (sumX * sumX) / n;
  const varianceY = sumYY - (sumY * sumY) / n;
  if (!(varianceX > 1e-12 * Math.abs(sumXX)) || !(varianceY > 1e-12 * Math.abs(sumYY))) return Number.NaN;
  return Math.max(-1, Math.min(1, (sumXY - (sumX * sumY) / n) / Math.sqrt(varianceX * varianceY)));
}

/** Median distance between points, 0 with fewer than two. */
export function stepOf({ times }: Points): number {
  if (times.length < 2) return 0;
  const steps = new Float64Array(times.length - 1);
  for (let i = 1; i < times.length; i += 1) steps[i - 1] = times[i] - times[i - 1];
  return quantileOf(steps, 0.5);
}

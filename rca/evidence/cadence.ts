import { quantileOf } from './quantile.ts';
import { pointTime, type SeriesHistory } from './series-history.ts';

/**
 * A setting in seconds means what it says where samples come every second or ten. Where they come by the minute or every
 * five, it would hold no sample at all: each is at least this many intervals of the series concerned.
 */
export const leastIntervals = {
  /** Before the first symptom: the samples that may show the cause already. */
  lookback: 2,
  /** Of silence, until a symptom counts as over. */
  stale: 3,
  /** Between the last sign of an incident and a symptom that joins it. */
  group: 2,
  /** From the first symptom on: as long as looking again can tell more. */
  diagnose: 6,
} as const;

/** The longer of a setting and so many intervals, in milliseconds. */
export const atLeast = (seconds: number, intervals: number, stepMs: number) =>
  Math.max(seconds * 1000, intervals * stepMs);

const intervalsSeen = 8;

/** The usual distance of a series' points: the median of its latest eight, so that a gap does not count. 0 with one point. */
export function cadenceOf(history: SeriesHistory): number {
  const count = Math.min(intervalsSeen, history.length - 1);
  if (count < 1) return 0;
  const steps = new Float64Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = history.length - 1 - i;
    steps[i] = pointTime(history, at) - pointTime(history, at - 1);
  }
  return quantileOf(steps, 0.5);
}

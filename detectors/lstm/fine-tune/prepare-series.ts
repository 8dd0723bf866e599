import type { TrainedOn } from '../../../model/index.ts';
import { settledChanges } from '../../metrics/index.ts';
import { forecastWindow } from '../index.ts';
import { normaliseSeries } from '../train/normalised-series.ts';
import { changesIn, createReadings } from '../train/readings.ts';
import { type TrainingSeries, timeParts } from '../train/training-series.ts';
import type { RawSeries } from './history.ts';

/** Points below which a series cannot be learnt from. */
export const shortestSeries = 2 * forecastWindow;
/** Points from which a series has a window in each part of its time; a shorter one only trains. */
const wholeSeries = 8 * forecastWindow;
/** After a gap of so many intervals the network forgets a series when it serves it. */
const forgetIntervals = 60;
const heldOutShare = 1 - timeParts.heldOut[0];

export interface PreparedHistory {
  readonly series: readonly TrainingSeries[];
  readonly trainedOn: TrainedOn;
}

/**
 * History as the network meets it when it serves: counters as rates, normalised as it came, without the series that
 * stand still. Of a series with long gaps the longest stretch between two. What ended before the held-out time of the
 * others only trains. `pause` is waited for after each series.
 */
export async function prepareSeries(raw: readonly RawSeries[], pause?: () => unknown): Promise<PreparedHistory> {
  const stretches: Stretch[] = [];
  for (const one of raw) {
    const stretch = longestStretch(one);
    if (stretch.values.length >= shortestSeries && changesIn(stretch.values) >= settledChanges) stretches.push(stretch);
    await pause?.();
  }
  const untilMs = Math.max(0, ...stretches.map((one) => one.untilMs));
  const longestMs = Math.max(0, ...stretches.map((one) => one.untilMs - one.fromMs));
  const endedMs = untilMs - heldOutShare * longestMs;
  const series: TrainingSeries[] = [];
  for (const { values, untilMs: endMs } of stretches) {
    const normalised = normaliseSeries(Float64Array.from(values));
    const isWhole = values.length >= wholeSeries && endMs >= endedMs;
    series.push(isWhole ? normalised : { ...normalised, part: 'training' });
    await pause?.();
  }
  return {
    series,
    trainedOn: {
      series: stretches.length,
      points: stretches.reduce((sum, { values }) => sum + values.length, 0),
      fromMs: stretches.length === 0 ? 0 : Math.min(...stretches.map(({ fromMs }) => fromMs)),
      untilMs,
    },
  };
}

interface Stretch {
  values: number[];
  fromMs: number;
  untilMs: number;
}

function longestStretch({ kind, timesMs, values }: RawSeries): Stretch {
  const readings = createReadings(kind);
  let longest: Stretch = { values: [], fromMs: 0, untilMs: 0 };
  let current = longest;
  for (let at = 0; at < timesMs.length; at++) {
    const timeMs = timesMs[at]!;
    const gapMs = at === 0 ? Number.POSITIVE_INFINITY : timeMs - timesMs[at - 1]!;
    const isLong = at === 0 || (readings.intervalMs > 0 && gapMs > forgetIntervals * readings.intervalMs);
    const value = readings.take(timeMs, values[at]!);
    if (isLong) current = { values: [], fromMs: timeMs, untilMs: timeMs };
    if (!Number.isFinite(value)) continue;
    current.values.push(value);
    current.untilMs = timeMs;
    if (current.values.length > longest.values.length) longest = current;
  }
  return longest;
}

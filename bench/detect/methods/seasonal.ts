import { intervalMs } from '../metrics/episodes.ts';
import type { LabelledSeries, SeriesMethod } from './method.ts';
import { overScale } from './robust-scale.ts';
import { fromRollingMedian } from './simple.ts';

const dayMs = 86_400_000;
const days = 7;
const leastDays = 3;
const levelPoints = 60;

/** Distance from the median of the same time of day over the last seven days. */
export const seasonalMethod: SeriesMethod = {
  name: 'seasonal-7d',
  score: (series, fitEnd) => ({ scores: overScale(seasonalResiduals(series), series.values, fitEnd) }),
};

/** The same, less what the last hour of points was off the season: a level that has moved is forgiven. */
export function seasonalLevelScores(series: LabelledSeries, fitEnd: number): Float64Array {
  const residuals = seasonalResiduals(series);
  return overScale(fromRollingMedian(residuals, levelPoints), series.values, fitEnd);
}

/** Each value less the median of that time on the days before; NaN where fewer than three of them are known. */
export function seasonalResiduals({ timesMs, values }: LabelledSeries): Float64Array {
  const interval = intervalMs(timesMs);
  const bins = Float64Array.from(timesMs, (timeMs) => Math.round((timeMs - timesMs[0]!) / interval));
  const perDay = Math.round(dayMs / interval);
  const byBin = new Float64Array(bins[bins.length - 1]! + 1).fill(Number.NaN);
  const before: number[] = [];
  return values.map((value, at) => {
    const bin = bins[at]!;
    byBin[bin] = value;
    before.length = 0;
    for (let day = 1; day <= days; day += 1) {
      const then = byBin[bin - day * perDay];
      if (then !== undefined && !Number.isNaN(then)) before.push(then);
    }
    if (before.length < leastDays) return Number.NaN;
    before.sort((a, b) => a - b);
    const middle = before.length >> 1;
    return value - (before.length % 2 === 1 ? before[middle]! : (before[middle - 1]! + before[middle]!) / 2);
  });
}

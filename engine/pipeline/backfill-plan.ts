import type { HistorySeries } from '../../model/index.ts';

/** How much of the past is read of each series. */
export interface HistorySpan {
  /** Days in all, and the last hours of which every sample is read. */
  readonly days: number;
  readonly wholeHours: number;
}

export interface HistoryPace {
  /** Samples learnt in a millisecond, and samples that a series has a day, as seen so far. */
  readonly samplesPerMs: number;
  readonly samplesPerDay: number;
}

const minutesPerDay = 1440;

/** So much of the span wanted as so many series may take in this time: first fewer days of minutes, then fewer whole hours. */
export function spanThatFits(
  wanted: HistorySpan,
  pace: HistoryPace,
  allowed: { readonly ms: number; readonly series: number },
): HistorySpan {
  const samples = Math.max(0, (allowed.ms * pace.samplesPerMs) / allowed.series);
  const wholeDays = Math.min(wanted.days, wanted.wholeHours / 24, samples / pace.samplesPerDay);
  const aMinute = Math.min(minutesPerDay, pace.samplesPerDay);
  const left = samples - wholeDays * pace.samplesPerDay;
  return { days: Math.min(wanted.days, wholeDays + left / aMinute), wholeHours: wholeDays * 24 };
}

/**
 * Parts of about so many series, the first of fewer, to learn the pace by; those of an entity together, so that they are
 * learnt from side by side.
 */
export function partsOf(
  series: readonly HistorySeries[],
  most: number,
  first = most,
): readonly (readonly HistorySeries[])[] {
  const parts: HistorySeries[][] = [];
  let part: HistorySeries[] = [];
  for (const [at, each] of series.entries()) {
    const before = series[at - 1]?.entity;
    const isSame =
      before !== undefined &&
      before.kind === each.entity.kind &&
      before.namespace === each.entity.namespace &&
      before.name === each.entity.name;
    const size = parts.length === 0 ? first : most;
    if (part.length >= 2 * most || (part.length >= size && !isSame)) {
      parts.push(part);
      part = [];
    }
    part.push(each);
  }
  return part.length > 0 ? [...parts, part] : parts;
}

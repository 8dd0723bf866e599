import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Beyond all that was seen by this share of it, a value is wholly new (NAB's detectors take the same). */
const tolerance = 0.05;
/** Beyond all distances from what is usual by this share of them: they were learnt while the season was. */
const residualTolerance = 0.2;
/** What was new stays so in part while the evidence of it fades. */
const fallGain = 1 / 4;
/** What was seen says little before the series has lived this long, and this many samples; what a season leaves, a week. */
const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const leastSamples = 500;

/** What comes with the hour has been seen as well. */
type Seen = Pick<Sample, 'reading' | 'season' | 'residual'>;

/** The range of a series begins at its first value. */
export function startRange(columns: SeriesColumns, slot: number, sample: Pick<Seen, 'reading'>): void {
  const value = sample.reading;
  columns.lowest[slot] = value;
  columns.highest[slot] = value;
}

/**
 * Leaves in `columns.novelty` how far the value lies beyond everything the series has ever shown, 0 to 1, and takes it in:
 * beyond all its values, or further from what is usual at its time of day than it ever was, since a day that does not begin
 * reaches no value that is new. What repeats itself is new only once, so bursts of one height lose their weight without a
 * scale having to learn them. It weighs what the views say, so that scores rank better; it says nothing alone and raises no
 * alarm: noise has new extremes too.
 */
export function noteNovelty(columns: SeriesColumns, slot: number, sample: Seen): void {
  const value = sample.reading;
  const lowest = columns.lowest[slot]!;
  const highest = columns.highest[slot]!;
  let fresh = 0;
  if (value > highest || value < lowest) {
    if (value > highest) columns.highest[slot] = value;
    else columns.lowest[slot] = value;
    const mature = columns.lifeMs[slot]! >= dayMs && columns.lifeMs[slot]! >= leastSamples * columns.intervalMs[slot]!;
    const beyond = value > highest ? value - highest : lowest - value;
    if (mature && highest > lowest) fresh = Math.min(1, beyond / (tolerance * (highest - lowest)));
  }
  columns.novelty[slot] = Math.max(fresh, columns.novelty[slot]! * (1 - fallGain));
  if (!Number.isNaN(sample.season)) noteResidual(columns, slot, sample);
}

/** Raises it to how far the distance from what is usual at this time lies beyond all that there ever were. */
function noteResidual(columns: SeriesColumns, slot: number, { residual }: Pick<Seen, 'residual'>): void {
  const seen = columns.seasonCount[slot]!;
  const least = columns.leastResidual[slot]!;
  const most = columns.mostResidual[slot]!;
  if (seen > 1 && residual >= least && residual <= most) return;
  columns.leastResidual[slot] = seen > 1 ? Math.min(least, residual) : residual;
  columns.mostResidual[slot] = seen > 1 ? Math.max(most, residual) : residual;
  if (seen < leastSamples || columns.lifeMs[slot]! < weekMs || most <= least) return;
  const beyond = Math.max(residual - most, least - residual);
  const fresh = Math.min(1, beyond / (residualTolerance * (most - least)));
  columns.novelty[slot] = Math.max(fresh, columns.novelty[slot]!);
}

import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Beyond all that was seen by this share of it, a value is wholly new (NAB's detectors take the same). */
const tolerance = 0.05;
/** What was new stays so in part while the evidence of it fades. */
const fallGain = 1 / 4;
/** What was seen says little before the series has lived this long, and this many samples. */
const dayMs = 86_400_000;
const leastSamples = 500;

/** What comes with the hour has been seen as well. */
type Seen = Pick<Sample, 'value' | 'work'>;

/** The range of a series begins at its first value. */
export function startRange(columns: SeriesColumns, slot: number, sample: Seen): void {
  const value = sample.value + sample.work;
  columns.lowest[slot] = value;
  columns.highest[slot] = value;
}

/**
 * Leaves in `columns.novelty` how far the value lies beyond everything the series has ever shown, 0 to 1, and takes it in.
 * What repeats itself is new only once, so bursts of one height lose their weight without a scale having to learn them. It
 * weighs what the views say, so that scores rank better; it says nothing alone and raises no alarm: noise has new extremes
 * too.
 */
export function noteNovelty(columns: SeriesColumns, slot: number, sample: Seen): void {
  const value = sample.value + sample.work;
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
}

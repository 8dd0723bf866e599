import type { SeriesColumns } from './series-columns.ts';

/** The evidence follows a rise within about two samples and a fall within about four. */
const riseGain = 1 / 2;
const fallGain = 1 / 4;
/** What a series exceeds for one hundredth of its life is its nature: the rest is measured by it. */
const quantile = 0.99;
/** Below this a series' own quantile asks for nothing: as high as that of a series with well-behaved noise. */
const usualTail = 5.5;
/** A quantile is learnt as if a day and this many samples had been lived already, and forgets what is older than two months. */
const dayMs = 86_400_000;
const leastSamples = 500;
const longestLifeMs = 60 * dayMs;
/** It may fall this far below the usual one, to be soon there. */
const lowestTail = Math.log(usualTail) - 1;

const lowestTailValue = Math.exp(lowestTail);

/** What this series exceeds for one hundredth of its life. */
export function tailOf(columns: SeriesColumns, slot: number): number {
  const tail = columns.tail[slot]!;
  return tail === lowestTail ? lowestTailValue : Math.exp(tail);
}

/** How far that is above what is usual: what the series' scores are divided by, at least 1. */
export function tailFactor(tail: number): number {
  return Math.max(1, tail / usualTail);
}

export function startTail(columns: SeriesColumns, slot: number): void {
  columns.tail[slot] = lowestTail;
}

/**
 * Takes the evidence of one sample in and gives what has gathered (`tailNow` by {@link tailOf}): an anomaly shows in several samples, noise seldom
 * does. The tail of what gathers is followed by stochastic approximation of its logarithm (Robbins and Monro 1951):
 * bursts and heavy tails that belong to a series raise its limit, an incident of an hour a week hardly.
 */
export function gather(
  columns: SeriesColumns,
  slot: number,
  evidence: number,
  sinceLastMs: number,
  tailNow: number,
): number {
  const before = columns.gathered[slot]!;
  const gathered = before + (evidence - before) * (evidence > before ? riseGain : fallGain);
  columns.gathered[slot] = gathered;
  const life = Math.min(columns.lifeMs[slot]! + sinceLastMs, longestLifeMs);
  columns.lifeMs[slot] = life;
  const tail = columns.tail[slot]!;
  const lived = life + Math.max(dayMs, leastSamples * columns.intervalMs[slot]!);
  const step = sinceLastMs / lived / (1 - quantile);
  const moved = tail + (gathered > tailNow ? quantile : quantile - 1) * step;
  columns.tail[slot] = Math.max(moved, lowestTail);
  return gathered;
}

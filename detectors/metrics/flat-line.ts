import type { SeriesColumns } from './series-columns.ts';

/** Share of samples that moved, over the latest ones, from which standing still is news. */
const always = 0.75;
const memory = 500;
/** A run this long teaches nothing about how often the series moves. */
const shortRun = 8;
/** So many times the longest run seen before, which is forgotten over a thousand changes. */
const factor = 5;
const forgetting = 1 / 1000;

/**
 * How long a series that always moved has stood still, over how long that is usual or allowed: from 1 on it is stuck.
 * Call once a sample.
 */
export function stillness(columns: SeriesColumns, slot: number, moved: boolean, timeMs: number, least: number): number {
  const run = moved ? 0 : columns.still[slot]! + 1;
  if (moved) {
    columns.longestStill[slot] = Math.max(columns.longestStill[slot]! * (1 - forgetting), columns.still[slot]!);
    columns.movedMs[slot] = timeMs;
  }
  columns.still[slot] = run;
  if (run < shortRun) {
    const gain = 1 / Math.min(columns.count[slot]!, memory);
    columns.motion[slot] = columns.motion[slot]! + gain * ((moved ? 1 : 0) - columns.motion[slot]!);
    return 0;
  }
  if (least === 0 || columns.motion[slot]! < always) return 0;
  return run / Math.max(least, factor * columns.longestStill[slot]!);
}

/** Standing still is the new normal: it is news again once the series has moved for long. */
export function acceptStillness(columns: SeriesColumns, slot: number): void {
  columns.motion[slot] = 0;
}

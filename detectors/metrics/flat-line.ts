import type { SeriesColumns } from './series-columns.ts';

/** Share of samples that moved, over the latest ones, from which standing still is news. */
const always = 0.75;
const memory = 500;
/** Share of samples below which it mostly stands still: each event moves a counter's rate twice. */
const seldom = 0.5;
/** A run this long teaches nothing about how often the series moves. */
const shortRun = 8;
/** So many times the longest run seen before, which is forgotten over a thousand changes. */
const factor = 5;
const forgetting = 1 / 1000;
/** What is read more often than it is measured moves seldom, but never stands for longer than so many times its usual. */
const regular = 2;

/**
 * How long a series that always or regularly moved has stood still, over how long that is usual or allowed: from 1 on it is stuck.
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
  if (least === 0 || (columns.motion[slot]! < always && !isRegular(columns, slot))) return 0;
  return run / Math.max(least, factor * columns.longestStill[slot]!);
}

/** Whether it mostly stands still, as what counts rare events does. Known only of what {@link stillness} is asked of. */
export function isResting(columns: SeriesColumns, slot: number): boolean {
  return columns.motion[slot]! < seldom && !isRegular(columns, slot);
}

/**
 * Whether it moves every few samples at distances that are alike: a counter that its program updates each minute and that is
 * read four times as often, or a value out of a cache. Chance would have made longer runs among so many samples.
 */
function isRegular(columns: SeriesColumns, slot: number): boolean {
  const motion = columns.motion[slot]!;
  if (columns.count[slot]! < memory || motion < 1 / shortRun) return false;
  return (columns.longestStill[slot]! + 1) * motion <= regular;
}

/** Standing still is the new normal: it is news again once the series has moved for long. */
export function acceptStillness(columns: SeriesColumns, slot: number): void {
  columns.motion[slot] = 0;
}

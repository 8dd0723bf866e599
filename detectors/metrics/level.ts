import { type Lesson, unclippedSamples } from './robust-scale.ts';
import type { SeriesColumns } from './series-columns.ts';

/** Samples a level remembers, and how many scales one of them can be off to move it further (Huber 1964). */
export interface LevelPace {
  readonly memory: number;
  readonly clip: number;
}
export const usually: LevelPace = { memory: 240, clip: 3 };
/** Beside a season, which keeps what is usual, the level only follows how far off it the series has lately been. */
export const besideSeason: LevelPace = { memory: 25, clip: 1 };
/** Towards a level that has been accepted. */
export const afterShift: LevelPace = { memory: 240, clip: Infinity };
/** Samples on one side that make a level shift; vmanomaly's changepoint window. */
const shiftSamples = 16;

/** Follows the value slowly: an outlier moves it by no more than the clip. */
export function learnLevel(columns: SeriesColumns, slot: number, { residual }: Lesson, pace: LevelPace): void {
  const count = columns.count[slot]!;
  const gain = 1 / Math.min(count, pace.memory);
  const limit = count > unclippedSamples ? pace.clip * columns.levelScale[slot]! : Infinity;
  // A level at rest (scale zero) must still be able to start moving.
  const step = limit > 0 ? Math.max(-limit, Math.min(limit, residual)) : residual;
  columns.level[slot] = columns.level[slot]! + gain * step;
}

/** Counts deviations to one side. True once there are enough of them in a row to call it a shift. */
export function isShift(columns: SeriesColumns, slot: number, timeMs: number, residual: number): boolean {
  const run = columns.sideRun[slot]!;
  const side = residual > 0 ? 1 : -1;
  const same = run * side > 0;
  columns.sideRun[slot] = same ? run + side : side;
  if (!same) columns.sideSinceMs[slot] = timeMs;
  return Math.abs(columns.sideRun[slot]!) >= shiftSamples;
}

import type { SeriesKind } from '../../model/index.ts';
import type { SeriesColumns } from './series-columns.ts';

export const kindGauge = 0;
export const kindCounter = 1;
export const kindDelta = 2;
/** A count of events, however it is declared: each increase is one sample's news. */
export const kindIncrease = 3;

/** A point of a series as received, and what it means. An object that is used again: as arguments numbers may become objects. */
export interface Point {
  timeMs: number;
  raw: number;
  /** NaN where nothing can be said. */
  reading: number;
}

export function createPoint(): Point {
  return { timeMs: Number.NaN, raw: Number.NaN, reading: Number.NaN };
}

/** What is kept of a series' readings to tell what the next one means. */
export type ReadingColumns = Pick<SeriesColumns, 'kind' | 'lastMs' | 'lastRaw' | 'intervalMs'>;

export function kindCode(kind: SeriesKind): number {
  return kind === 'counter' ? kindCounter : kind === 'delta' ? kindDelta : kindGauge;
}

/**
 * Puts into a new point what it means: a gauge its value; a counter its growth per second since the last reading, nothing after a
 * reset, since how far it had come is not known; a delta its increment per second of the observed interval. NaN where nothing can be said (a
 * counter's first reading, a reset). Restarts are scored by their increase, since one a minute ago is no news now. Call before {@link noteTime}.
 */
export function readValue(columns: ReadingColumns, slot: number, point: Point): void {
  const { raw } = point;
  const kind = columns.kind[slot]!;
  if (kind === kindGauge) {
    point.reading = raw;
    return;
  }
  const lastMs = columns.lastMs[slot]!;
  const seconds = (point.timeMs - lastMs) / 1000;
  const last = columns.lastRaw[slot]!;
  if (Number.isNaN(lastMs)) point.reading = Number.NaN;
  else if (kind === kindDelta) {
    // After a gap the increment still belongs to one interval only.
    const interval = columns.intervalMs[slot]! / 1000;
    point.reading = raw / (interval > 0 ? Math.min(interval, seconds) : seconds);
  } else if (kind === kindIncrease) point.reading = Math.max(0, raw - last);
  else point.reading = raw < last ? Number.NaN : (raw - last) / seconds;
}

/** Takes the time in: the interval estimate follows quickly at first, and a single gap moves it little. */
export function noteTime(columns: ReadingColumns, slot: number, point: Readonly<Point>): void {
  const { timeMs } = point;
  const lastMs = columns.lastMs[slot]!;
  if (!Number.isNaN(lastMs)) {
    const interval = columns.intervalMs[slot]!;
    const distance = timeMs - lastMs;
    columns.intervalMs[slot] = interval === 0 ? distance : interval + (Math.min(distance, 2 * interval) - interval) / 8;
  }
  columns.lastMs[slot] = timeMs;
  columns.lastRaw[slot] = point.raw;
}

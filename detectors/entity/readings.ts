import { type Columns, createColumns } from '../checkpoint/columns.ts';
import { kindGauge, type Point } from '../metrics/index.ts';

/** What is kept of a series to tell what its next reading means; by catalogue id. */
export const readingTypes = {
  kind: Uint8Array,
  lastMs: Float64Array,
  lastRaw: Float64Array,
  intervalMs: Float64Array,
  /** Share of its latest readings that counted something; of a gauge always 1. */
  motion: Float32Array,
};

/** Readings that the share remembers. */
const memory = 64;
/** A counter below this mostly stands still. */
const seldom = 0.5;

/**
 * Whether a reading is part of its entity's row. What counts rare events, such as errors, is not while it does: a single one goes
 * together with nothing, and is the affair of its own detector.
 */
export function isOfRow(readings: Columns<typeof readingTypes>, series: number, { reading }: Point): boolean {
  if (readings.kind[series] === kindGauge) return true;
  const motion = readings.motion[series]! + ((reading === 0 ? 0 : 1) - readings.motion[series]!) / memory;
  readings.motion[series] = motion;
  return motion >= seldom;
}

export function createReadings(): Columns<typeof readingTypes> {
  return createColumns(readingTypes, 1024);
}

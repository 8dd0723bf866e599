import { type Columns, createColumns } from '../checkpoint/columns.ts';

/** What is kept of a series to tell what its next reading means; by catalogue id. */
export const readingTypes = {
  kind: Uint8Array,
  lastMs: Float64Array,
  lastRaw: Float64Array,
  intervalMs: Float64Array,
};

export function createReadings(): Columns<typeof readingTypes> {
  return createColumns(readingTypes, 1024);
}

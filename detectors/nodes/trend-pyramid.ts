import { type Columns, createColumns, ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

export const levels = 6;
export const levelPoints = 32;
/** Each level's step is so many of the one below. */
const fold = 4;

/** One row a track and level. */
const columnTypes = {
  /** Length of a step in milliseconds; 0 while the row is not in use. */
  stepMs: Float64Array,
  /** Number of the step under way, counted from the epoch. */
  bin: Float64Array,
  sum: Float64Array,
  count: Uint32Array,
  filled: Uint8Array,
};

/**
 * The recent past of a value at several scales: means of steps of 1, 4, 16 … 1024 times the base, 32 of each. A step
 * without a sample is a gap (NaN), never filled in.
 */
export interface TrendPyramid {
  allocate(stepMs: number): number;
  free(track: number): void;
  observe(track: number, timeMs: number, value: number): void;
  stepMs(track: number, level: number): number;
  /** Finite means of the latest `points` closed steps, oldest first: position in steps to `xs`, value to `ys`; gives their number. */
  read(track: number, level: number, points: number, xs: Float64Array, ys: Float64Array): number;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createTrendPyramid(): TrendPyramid {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16 * levels);
  let rings = new Float32Array(16 * levels * levelPoints);
  let size = 0;
  let freed: number[] = [];

  function reserve(rows: number): void {
    ensureRows(columnTypes, columns, rows);
    if (rings.length >= rows * levelPoints) return;
    const grown = new Float32Array(Math.max(rows * levelPoints, rings.length * 2));
    grown.set(rings);
    rings = grown;
  }

  function push(row: number, value: number): void {
    const from = row * levelPoints;
    if (columns.filled[row]! < levelPoints) {
      rings[from + columns.filled[row]!] = value;
      columns.filled[row] = columns.filled[row]! + 1;
      return;
    }
    rings.copyWithin(from, from + 1, from + levelPoints);
    rings[from + levelPoints - 1] = value;
  }

  function observeAt(row: number, timeMs: number, value: number): void {
    const bin = Math.floor(timeMs / columns.stepMs[row]!);
    const open = columns.bin[row]!;
    if (bin < open) return;
    if (bin > open) {
      if (columns.count[row]! > 0) push(row, columns.sum[row]! / columns.count[row]!);
      const missed = Math.min(bin - open - 1, levelPoints);
      if (columns.filled[row]! > 0) for (let gap = 0; gap < missed; gap += 1) push(row, Number.NaN);
      columns.bin[row] = bin;
      columns.sum[row] = 0;
      columns.count[row] = 0;
    }
    columns.sum[row] = columns.sum[row]! + value;
    columns.count[row] = columns.count[row]! + 1;
  }

  return {
    allocate: (stepMs) => {
      const track = freed.pop() ?? size;
      if (track === size) {
        size += 1;
        reserve(size * levels);
      }
      for (let level = 0; level < levels; level += 1) {
        const row = track * levels + level;
        columns.stepMs[row] = stepMs * fold ** level;
        columns.bin[row] = 0;
        columns.sum[row] = 0;
        columns.count[row] = 0;
        columns.filled[row] = 0;
      }
      return track;
    },
    free: (track) => {
      freed.push(track);
    },
    observe: (track, timeMs, value) => {
      for (let row = track * levels; row < (track + 1) * levels; row += 1) observeAt(row, timeMs, value);
    },
    stepMs: (track, level) => columns.stepMs[track * levels + level]!,
    read: (track, level, points, xs, ys) => {
      const row = track * levels + level;
      const filled = columns.filled[row]!;
      const first = Math.max(0, filled - points);
      let count = 0;
      for (let at = first; at < filled; at += 1) {
        const value = rings[row * levelPoints + at]!;
        if (Number.isNaN(value)) continue;
        xs[count] = at - first;
        ys[count] = value;
        count += 1;
      }
      return count;
    },
    save: (writer) => {
      saveColumns(columnTypes, columns, size * levels, writer);
      writer.column(rings, size * levels * levelPoints);
      writer.json(freed);
    },
    load: (reader) => {
      size = loadColumns(columnTypes, columns, reader) / levels;
      reserve(size * levels);
      reader.column(rings);
      freed = reader.json<number[]>();
    },
  };
}

import { type Columns, createColumns, ensureRows, loadColumns, saveColumns } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { headerBytes, type SpillPlace } from './spill-files.ts';

const columnTypes = {
  /** Catalogue id plus one; 0 where the row is free. */
  series: Uint32Array,
  segment: Uint32Array,
  offset: Uint32Array,
  length: Uint32Array,
  /** Samples that it has lived through. */
  samples: Uint32Array,
  /** When it was last heard of, epoch milliseconds. */
  lastMs: Float64Array,
};

/** A series that was put aside. */
export interface SpilledSeries extends SpillPlace {
  readonly series: number;
  readonly samples: number;
  readonly lastMs: number;
}

/** Where the records of the series lie that were put aside, one row each: 28 bytes a series. */
export interface SpillIndex {
  /** Rows in use. */
  readonly size: number;
  /** Bytes on disk of what is in use. */
  readonly bytes: number;
  /** Gives the row. */
  add(spilled: SpilledSeries): number;
  at(row: number): SpilledSeries;
  lastMs(row: number): number;
  segmentOf(row: number): number;
  move(row: number, place: SpillPlace): void;
  remove(row: number): void;
  /** Rows in use; removing the current one meanwhile is fine. */
  forEachRow(visit: (row: number, series: number) => void): void;
  /** Bytes in use by segment. */
  readonly bytesOf: ReadonlyMap<number, number>;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createSpillIndex(): SpillIndex {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16);
  const bytesOf = new Map<number, number>();
  let free: number[] = [];
  let rows = 0;
  let bytes = 0;

  function count(segment: number, change: number): void {
    const held = (bytesOf.get(segment) ?? 0) + change;
    bytes += change;
    if (held > 0) bytesOf.set(segment, held);
    else bytesOf.delete(segment);
  }

  function place(row: number, { segment, offset, length }: SpillPlace): void {
    columns.segment[row] = segment;
    columns.offset[row] = offset;
    columns.length[row] = length;
    count(segment, headerBytes + length);
  }

  function leave(row: number): void {
    count(columns.segment[row]!, -headerBytes - columns.length[row]!);
  }

  return {
    get size() {
      return rows - free.length;
    },
    get bytes() {
      return bytes;
    },
    bytesOf,
    add(spilled) {
      const row = free.pop() ?? rows;
      if (row === rows) {
        rows += 1;
        ensureRows(columnTypes, columns, rows);
      }
      columns.series[row] = spilled.series + 1;
      columns.samples[row] = spilled.samples;
      columns.lastMs[row] = spilled.lastMs;
      place(row, spilled);
      return row;
    },
    at: (row) => ({
      series: columns.series[row]! - 1,
      segment: columns.segment[row]!,
      offset: columns.offset[row]!,
      length: columns.length[row]!,
      samples: columns.samples[row]!,
      lastMs: columns.lastMs[row]!,
    }),
    lastMs: (row) => columns.lastMs[row]!,
    segmentOf: (row) => columns.segment[row]!,
    move(row, to) {
      leave(row);
      place(row, to);
    },
    remove(row) {
      leave(row);
      columns.series[row] = 0;
      free.push(row);
    },
    forEachRow(visit) {
      for (let row = 0; row < rows; row += 1) if (columns.series[row]! > 0) visit(row, columns.series[row]! - 1);
    },
    save(writer) {
      saveColumns(columnTypes, columns, rows, writer);
    },
    load(reader) {
      rows = loadColumns(columnTypes, columns, reader);
      free = [];
      bytes = 0;
      bytesOf.clear();
      for (let row = 0; row < rows; row += 1) {
        if (columns.series[row] === 0) free.push(row);
        else count(columns.segment[row]!, headerBytes + columns.length[row]!);
      }
    },
  };
}

import {
  type Columns,
  createColumns,
  ensureRows,
  loadColumns,
  loadRows,
  saveColumns,
  saveRows,
} from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** Rows of so many values each, NaN where none is known, two bytes a value: what it was, to a 16,384th of its row's range. */
export interface SeasonRows {
  /** A new row of unknown values. */
  allocate(): number;
  free(row: number): void;
  get(row: number, cell: number): number;
  /** The same, written to a column: a number that a call gives may become an object. */
  read(row: number, cell: number, into: Float64Array, at: number): void;
  /** Takes a finite value. */
  set(row: number, cell: number, value: number): void;
  /** The same, out of a column: nor is a number that a call takes free. */
  setFrom(row: number, cell: number, from: Float64Array, at: number): void;
  /** Fits the row's range to what it holds now: an outlier that is gone no longer makes the others coarse. */
  fit(row: number): void;
  /** One row, to be put back into one that was allocated. */
  saveRow(row: number, writer: StateWriter): void;
  loadRow(row: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

const unknown = -32_768;
const largestCode = 32_767;
/** A range is given so many steps at first, so that it may grow before the row has to be written in larger ones. */
const steps = 16_384;

const columnTypes = {
  /** Value of code 0, and of one step; a step of 0 where all values are the same. */
  origin: Float64Array,
  step: Float64Array,
};

export function createSeasonRows(cells: number): SeasonRows {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16);
  let codes = new Int16Array(16 * cells);
  let size = 0;
  let freed: number[] = [];
  const values = new Float64Array(cells);
  const given = new Float64Array(1);

  function reserve(rows: number): void {
    ensureRows(columnTypes, columns, rows);
    if (codes.length >= rows * cells) return;
    // By a quarter: this is most of what a series costs.
    const grown = new Int16Array(Math.max(rows, size + (size >> 2)) * cells);
    grown.set(codes);
    codes = grown;
  }

  function read(row: number, cell: number, into: Float64Array, at: number): void {
    const code = codes[row * cells + cell]!;
    into[at] = code === unknown ? Number.NaN : columns.origin[row]! + code * columns.step[row]!;
  }

  /** Writes the row anew in steps that fit all it holds and, where that is finite, the value given too. */
  function refit(row: number): void {
    let low = given[0]!;
    let high = low;
    const first = row * cells;
    const heldOrigin = columns.origin[row]!;
    const heldStep = columns.step[row]!;
    for (let cell = 0; cell < cells; cell += 1) {
      const code = codes[first + cell]!;
      const held = code === unknown ? Number.NaN : heldOrigin + code * heldStep;
      values[cell] = held;
      if (!(held >= low)) low = Number.isNaN(held) ? low : held;
      if (!(held <= high)) high = Number.isNaN(held) ? high : held;
    }
    const range = high - low;
    // Of a range so small that a part of it would be nothing, the step is the smallest number there is.
    const step = range > 0 ? Math.max(range / steps, Number.MIN_VALUE) : 0;
    const origin = low + range / 2;
    columns.origin[row] = origin;
    columns.step[row] = step;
    for (let cell = 0; cell < cells; cell += 1) {
      const held = values[cell]!;
      if (Number.isNaN(held)) codes[first + cell] = unknown;
      else codes[first + cell] = step === 0 ? 0 : Math.round((held - origin) / step);
    }
  }

  function write(row: number, cell: number): void {
    const value = given[0]!;
    if (Number.isNaN(columns.origin[row]!)) columns.origin[row] = value;
    const fits =
      columns.step[row] === 0
        ? value === columns.origin[row]
        : Math.abs(value - columns.origin[row]!) <= largestCode * columns.step[row]!;
    if (!fits) refit(row);
    const step = columns.step[row]!;
    codes[row * cells + cell] = step === 0 ? 0 : Math.round((value - columns.origin[row]!) / step);
  }

  return {
    allocate() {
      const row = freed.pop() ?? size;
      if (row === size) {
        reserve(size + 1);
        size += 1;
      }
      codes.fill(unknown, row * cells, (row + 1) * cells);
      columns.origin[row] = Number.NaN;
      columns.step[row] = 0;
      return row;
    },
    free: (row) => {
      freed.push(row);
    },
    get(row, cell) {
      read(row, cell, given, 0);
      return given[0]!;
    },
    read,
    set(row, cell, value) {
      given[0] = value;
      write(row, cell);
    },
    setFrom(row, cell, from, at) {
      given[0] = from[at]!;
      write(row, cell);
    },
    fit(row) {
      given[0] = Number.NaN;
      refit(row);
    },
    saveRow(row, writer) {
      saveRows(columnTypes, columns, row, row + 1, writer);
      writer.column(codes.subarray(row * cells, (row + 1) * cells), cells);
    },
    loadRow(row, reader) {
      loadRows(columnTypes, columns, row, row + 1, reader);
      reader.column(codes.subarray(row * cells, (row + 1) * cells));
    },
    save(writer) {
      saveColumns(columnTypes, columns, size, writer);
      writer.column(codes, size * cells);
      writer.json(freed);
    },
    load(reader) {
      size = loadColumns(columnTypes, columns, reader);
      reserve(size);
      reader.column(codes);
      freed = reader.json<number[]>();
    },
  };
}

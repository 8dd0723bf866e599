import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';

/** Rows that wait for their last metrics. */
const waiting = 4;

/**
 * Puts the samples of an entity's metrics side by side: row n holds what came within half an interval of the row's first
 * sample. Each row starts from its own first sample, so that clocks may drift. A row is closed, in order, when it holds as
 * many metrics as the one before it got, when event time has left it behind, or when three newer ones wait.
 */
export interface EntityRows {
  /** Milliseconds between rows. */
  intervalMs: number;
  /** Gives false where the sample came too late for its row. */
  put(metric: number, timeMs: number, value: number, close: CloseRow): boolean;
  /** Closes the rows that began an interval before this. */
  flush(watermarkMs: number, close: CloseRow): void;
  /** The same rows with room for more metrics. */
  widen(width: number): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

/** Values, which are the next row's after the call, are NaN where a metric said nothing; `apart` counts intervals since the row before. */
export type CloseRow = (timeMs: number, values: Float64Array, filled: number, apart: number) => void;

export function createEntityRows(initialWidth: number): EntityRows {
  let width = initialWidth;
  /** The waiting rows side by side: time of the first sample, how many metrics it has, and their values. */
  let sheet = emptySheet(width);
  /** The newest row begun, and its first sample's time. */
  let newest = 0;
  let anchorMs = Number.NaN;
  /** The last row closed, the last one that held anything, and how many metrics it got, late ones included. */
  let closed = 0;
  let told = 0;
  let expected = Number.POSITIVE_INFINITY;
  let late = 0;

  function closeNext(close: CloseRow): void {
    closed += 1;
    const at = (closed % waiting) * (width + 2);
    const count = sheet[at + 1]!;
    if (count === 0) return;
    expected = Math.max(1, count + late);
    late = 0;
    const apart = closed - told;
    told = closed;
    const row = rowOf(width);
    for (let metric = 0; metric < width; metric += 1) row[metric] = sheet[at + 2 + metric]!;
    const timeMs = sheet[at]!;
    sheet.fill(Number.NaN, at, at + width + 2);
    sheet[at + 1] = 0;
    close(timeMs, row, count, apart);
  }

  const rows: EntityRows = {
    intervalMs: 0,
    put(metric, timeMs, value, close) {
      const offset = Number.isNaN(anchorMs) ? 1 : Math.round((timeMs - anchorMs) / rows.intervalMs);
      const index = newest + offset;
      if (offset > 0) {
        while (closed < newest && closed < index - waiting) closeNext(close);
        closed = Math.max(closed, index - waiting);
        newest = index;
        anchorMs = timeMs;
      }
      if (index <= closed) {
        if (index === closed) late += 1;
        return false;
      }
      const at = (index % waiting) * (width + 2);
      if (sheet[at + 1] === 0) sheet[at] = timeMs;
      if (Number.isNaN(sheet[at + 2 + metric]!)) sheet[at + 1]! += 1;
      sheet[at + 2 + metric] = value;
      if (index === closed + 1 && sheet[at + 1]! >= expected) closeNext(close);
      return true;
    },
    flush(watermarkMs, close) {
      while (closed < newest) {
        const at = ((closed + 1) % waiting) * (width + 2);
        const timeMs = sheet[at]!;
        if (sheet[at + 1]! > 0 && timeMs + rows.intervalMs > watermarkMs) return;
        closeNext(close);
      }
    },
    widen(wider) {
      const grown = emptySheet(wider);
      for (let row = 0; row < waiting; row += 1) {
        const from = row * (width + 2);
        grown.set(sheet.subarray(from, from + width + 2), row * (wider + 2));
      }
      width = wider;
      sheet = grown;
    },
    save(writer) {
      writer.json({ width, newest, closed, told, late });
      for (const number of [rows.intervalMs, anchorMs, expected]) writer.number(number);
      writer.column(sheet, sheet.length);
    },
    load(reader) {
      const saved = reader.json<{ width: number; newest: number; closed: number; told: number; late: number }>();
      rows.widen(saved.width);
      ({ newest, closed, told, late } = saved);
      rows.intervalMs = reader.number();
      anchorMs = reader.number();
      expected = reader.number();
      reader.column(sheet);
    },
  };
  return rows;
}

function emptySheet(width: number): Float64Array {
  const sheet = new Float64Array(waiting * (width + 2)).fill(Number.NaN);
  for (let row = 0; row < waiting; row += 1) sheet[row * (width + 2) + 1] = 0;
  return sheet;
}

/** Rows on their way to whom they are told, one of each width: who is told is done with it before the next. */
const rowsOut: (Float64Array | undefined)[] = [];

function rowOf(width: number): Float64Array {
  const row = rowsOut[width] ?? new Float64Array(width);
  rowsOut[width] = row;
  return row;
}

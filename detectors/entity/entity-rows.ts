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

/** Values are NaN where a metric said nothing; `apart` counts intervals since the row before. */
export type CloseRow = (timeMs: number, values: Float64Array, filled: number, apart: number) => void;

export function createEntityRows(initialWidth: number): EntityRows {
  let width = initialWidth;
  let values = new Float64Array(waiting * width).fill(Number.NaN);
  let views = viewsOf(values, width);
  const times = new Float64Array(waiting).fill(Number.NaN);
  const filled = new Uint32Array(waiting);
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
    const at = closed % waiting;
    const count = filled[at]!;
    if (count === 0) return;
    expected = Math.max(1, count + late);
    late = 0;
    const apart = closed - told;
    told = closed;
    close(times[at]!, views[at]!, count, apart);
    filled[at] = 0;
    times[at] = Number.NaN;
    views[at]!.fill(Number.NaN);
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
      const at = index % waiting;
      if (filled[at] === 0) times[at] = timeMs;
      const view = views[at]!;
      if (Number.isNaN(view[metric]!)) filled[at]! += 1;
      view[metric] = value;
      if (index === closed + 1 && filled[at]! >= expected) closeNext(close);
      return true;
    },
    flush(watermarkMs, close) {
      while (closed < newest) {
        const timeMs = times[(closed + 1) % waiting]!;
        if (filled[(closed + 1) % waiting]! > 0 && timeMs + rows.intervalMs > watermarkMs) return;
        closeNext(close);
      }
    },
    widen(wider) {
      const grown = new Float64Array(waiting * wider).fill(Number.NaN);
      for (let row = 0; row < waiting; row += 1) grown.set(views[row]!, row * wider);
      width = wider;
      values = grown;
      views = viewsOf(values, width);
    },
    save(writer) {
      writer.json({ width, newest, closed, told, late });
      for (const number of [rows.intervalMs, anchorMs, expected]) writer.number(number);
      writer.column(values, values.length);
      writer.column(times, waiting);
      writer.column(filled, waiting);
    },
    load(reader) {
      const saved = reader.json<{ width: number; newest: number; closed: number; told: number; late: number }>();
      rows.widen(saved.width);
      ({ newest, closed, told, late } = saved);
      rows.intervalMs = reader.number();
      anchorMs = reader.number();
      expected = reader.number();
      reader.column(values);
      reader.column(times);
      reader.column(filled);
    },
  };
  return rows;
}

function viewsOf(values: Float64Array, width: number): Float64Array[] {
  return Array.from({ length: waiting }, (_, row) => values.subarray(row * width, (row + 1) * width));
}

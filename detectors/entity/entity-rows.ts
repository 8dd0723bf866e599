import { type Placed, rowNumbers, rowStart, waitingRows } from './place-layout.ts';

/**
 * Puts the samples of an entity's metrics side by side: row n holds what came within half an interval of the row's first
 * sample. Each row starts from its own first sample, so that clocks may drift. A row is closed, in order, when it holds as
 * many metrics as the one before it got, when event time has left it behind, or when three newer ones wait.
 */
export interface EntityRows<T extends Placed> {
  /** Gives false where the sample came too late for its row. */
  put(entity: T, metric: number, timeMs: number, value: number): boolean;
  /** Closes the rows that began an interval before this. */
  flush(entity: T, watermarkMs: number): void;
}

/**
 * Values, which are the next row's after the call, are NaN where a metric said nothing; `apart` counts intervals since the
 * row before.
 */
export type CloseRow<T> = (entity: T, timeMs: number, values: Float64Array, apart: number) => void;

const { intervalMs, newest, anchorMs, closed, told, expected, late } = rowNumbers;

/** The rows of a new entity, in a place that is all zero. */
export function clearRows(entity: Placed): void {
  const { floats, at } = entity.place;
  floats[at + anchorMs] = Number.NaN;
  floats[at + expected] = Number.POSITIVE_INFINITY;
  for (let row = 0; row < waitingRows; row += 1) clearRow(entity, rowStart(entity, row));
}

/** The rows of an entity in another place, with room for more metrics. */
export function moveRows(from: Placed, to: Placed): void {
  clearRows(to);
  for (const number of Object.values(rowNumbers))
    to.place.floats[to.place.at + number] = from.place.floats[from.place.at + number]!;
  for (let row = 0; row < waitingRows; row += 1) {
    const [source, target] = [rowStart(from, row), rowStart(to, row)];
    for (let at = 0; at < from.width + 2; at += 1) to.place.floats[target + at] = from.place.floats[source + at]!;
  }
}

function clearRow({ place, width }: Placed, start: number): void {
  place.floats.fill(Number.NaN, start, start + width + 2);
  place.floats[start + 1] = 0;
}

export function createEntityRows<T extends Placed>(close: CloseRow<T>): EntityRows<T> {
  function closeNext(entity: T): void {
    const { place, width } = entity;
    const { floats, at } = place;
    const index = floats[at + closed]! + 1;
    floats[at + closed] = index;
    const start = rowStart(entity, index);
    const count = floats[start + 1]!;
    if (count === 0) return;
    floats[at + expected] = Math.max(1, count + floats[at + late]!);
    floats[at + late] = 0;
    const apart = index - floats[at + told]!;
    floats[at + told] = index;
    const row = rowOf(width);
    for (let metric = 0; metric < width; metric += 1) row[metric] = floats[start + 2 + metric]!;
    const timeMs = floats[start]!;
    clearRow(entity, start);
    close(entity, timeMs, row, apart);
  }

  return {
    put(entity, metric, timeMs, value) {
      const { floats, at } = entity.place;
      const anchor = floats[at + anchorMs]!;
      const offset = Number.isNaN(anchor) ? 1 : Math.round((timeMs - anchor) / floats[at + intervalMs]!);
      const index = floats[at + newest]! + offset;
      if (offset > 0) {
        while (floats[at + closed]! < floats[at + newest]! && floats[at + closed]! < index - waitingRows)
          closeNext(entity);
        floats[at + closed] = Math.max(floats[at + closed]!, index - waitingRows);
        floats[at + newest] = index;
        floats[at + anchorMs] = timeMs;
      }
      const last = floats[at + closed]!;
      if (index <= last) {
        if (index === last) floats[at + late]! += 1;
        return false;
      }
      const start = rowStart(entity, index);
      if (floats[start + 1] === 0) floats[start] = timeMs;
      if (Number.isNaN(floats[start + 2 + metric]!)) floats[start + 1]! += 1;
      floats[start + 2 + metric] = value;
      if (index === last + 1 && floats[start + 1]! >= floats[at + expected]!) closeNext(entity);
      return true;
    },
    flush(entity, watermarkMs) {
      const { floats, at } = entity.place;
      while (floats[at + closed]! < floats[at + newest]!) {
        const start = rowStart(entity, floats[at + closed]! + 1);
        if (floats[start + 1]! > 0 && floats[start]! + floats[at + intervalMs]! > watermarkMs) return;
        closeNext(entity);
      }
    },
  };
}

/** Rows on their way to whom they are told, one of each width: who is told is done with it before the next. */
const rowsOut: (Float64Array | undefined)[] = [];

function rowOf(width: number): Float64Array {
  const row = rowsOut[width] ?? new Float64Array(width);
  rowsOut[width] = row;
  return row;
}

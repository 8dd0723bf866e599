import { createHistories, type Histories, type HistoryRows } from './histories.ts';
import { blockPoints } from './point-pool.ts';

/** The recent points of one series: a row of a table. To be changed by the functions here only. */
export interface SeriesHistory {
  readonly histories: HistoryRows;
  readonly row: number;
  readonly length: number;
}

/** Plain data, so that it can be checkpointed. */
export interface SavedHistory {
  readonly baseMs: number;
  readonly rawTimeMs: number;
  readonly rawValue: number;
  readonly announcedMs: number;
  readonly offsetsMs: Uint32Array;
  readonly values: Float32Array;
}

/** Farther than this from the base no offset reaches: seven weeks. */
const longestOffsetMs = 2 ** 32 - 1;
/** Of what is larger, single precision would make infinity. */
const largestValue = 3e38;

export function createHistory(histories: HistoryRows = createHistories()): SeriesHistory {
  return historyAt(histories, histories.take());
}

/** A row as it is, and becomes. */
export function historyAt(histories: HistoryRows, row: number): SeriesHistory {
  return {
    histories,
    row,
    get length() {
      return histories.length[row];
    },
  };
}

/** Appends a point; one within `resolutionMs` of the last kept point replaces that point's value. */
export function appendPoint(
  { histories, row }: SeriesHistory,
  timeMs: number,
  value: number,
  capacity: number,
  resolutionMs: number,
): void {
  appendToRow(histories, row, timeMs, value, capacity, resolutionMs);
}

/** The same by row, for what has no object of its own. */
export function appendToRow(
  histories: Histories,
  row: number,
  timeMs: number,
  value: number,
  capacity: number,
  resolutionMs: number,
): void {
  const kept = Math.max(-largestValue, Math.min(largestValue, value));
  const { pool } = histories;
  const length = histories.length[row];
  if (length > 0) {
    const block = histories.newest[row];
    const at = (histories.start[row] + length - 1) % blockPoints;
    const offsetMs = pool.offsetMs(block, at);
    if (timeMs - (histories.baseMs[row] + offsetMs) < resolutionMs) {
      pool.setPoint(block, at, offsetMs, kept);
      return;
    }
    if (length === capacity) dropFirst(histories, row);
  }
  add(histories, row, offsetOf(histories, row, timeMs), kept);
}

export function saveHistory(history: SeriesHistory): SavedHistory {
  const { histories, row, length } = history;
  const offsetsMs = new Uint32Array(length);
  const values = new Float32Array(length);
  eachPoint(histories, row, (at, offsetMs, value) => {
    offsetsMs[at] = offsetMs;
    values[at] = value;
  });
  return {
    baseMs: histories.baseMs[row],
    rawTimeMs: histories.rawTimeMs[row],
    rawValue: histories.rawValue[row],
    announcedMs: histories.announcedMs[row],
    offsetsMs,
    values,
  };
}

export function loadHistory(saved: SavedHistory, histories: HistoryRows): SeriesHistory {
  const row = histories.take();
  histories.baseMs[row] = saved.baseMs;
  histories.rawTimeMs[row] = saved.rawTimeMs;
  histories.rawValue[row] = saved.rawValue;
  histories.announcedMs[row] = saved.announcedMs;
  for (let at = 0; at < saved.values.length; at += 1) add(histories, row, saved.offsetsMs[at], saved.values[at]);
  return historyAt(histories, row);
}

function add(histories: Histories, row: number, offsetMs: number, value: number): void {
  const { pool } = histories;
  const end = histories.start[row] + histories.length[row];
  if (end % blockPoints === 0) {
    const block = pool.take();
    if (end === 0) histories.oldest[row] = block;
    else pool.setNext(histories.newest[row], block);
    histories.newest[row] = block;
  }
  histories.length[row] += 1;
  pool.setPoint(histories.newest[row], end % blockPoints, offsetMs, value);
}

function dropFirst(histories: Histories, row: number): void {
  histories.start[row] += 1;
  histories.length[row] -= 1;
  if (histories.start[row] < blockPoints) return;
  const block = histories.oldest[row];
  histories.start[row] = 0;
  histories.oldest[row] = histories.pool.next(block);
  histories.pool.give(block);
}

/** Of a new point; the base is moved where it lies too far behind, and points too old for that are given up. */
function offsetOf(histories: Histories, row: number, timeMs: number): number {
  const { pool, baseMs, length } = histories;
  if (length[row] > 0 && timeMs - baseMs[row] > longestOffsetMs) {
    while (length[row] > 0 && timeMs - baseMs[row] - firstOffset(histories, row) > longestOffsetMs)
      dropFirst(histories, row);
    if (length[row] > 0) {
      const shiftMs = firstOffset(histories, row);
      eachPoint(histories, row, (_, offsetMs, value, block, place) =>
        pool.setPoint(block, place, offsetMs - shiftMs, value),
      );
      baseMs[row] += shiftMs;
    }
  }
  if (length[row] === 0) baseMs[row] = timeMs;
  return Math.round(timeMs - baseMs[row]);
}

function firstOffset({ pool, oldest, start }: Histories, row: number): number {
  return pool.offsetMs(oldest[row], start[row]);
}

function eachPoint(
  { pool, oldest, start, length }: Histories,
  row: number,
  take: (index: number, offsetMs: number, value: number, block: number, place: number) => void,
): void {
  let block = oldest[row];
  let place = start[row];
  for (let index = 0; index < length[row]; index += 1, place += 1) {
    if (place === blockPoints) {
      place = 0;
      block = pool.next(block);
    }
    take(index, pool.offsetMs(block, place), pool.value(block, place), block, place);
  }
}

export interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The points in time order, as a copy. */
export function linear({ histories, row, length }: SeriesHistory): Points {
  const times = new Float64Array(length);
  const values = new Float64Array(length);
  const baseMs = histories.baseMs[row];
  eachPoint(histories, row, (at, offsetMs, value) => {
    times[at] = baseMs + offsetMs;
    values[at] = value;
  });
  return { times, values };
}

/** Time of the point at an index, the oldest being 0. Walks to it, a step for each 24 points. */
export function pointTime({ histories, row }: SeriesHistory, index: number): number {
  const end = histories.start[row] + index;
  return histories.baseMs[row] + histories.pool.offsetMs(blockOf(histories, row, end), end % blockPoints);
}

export function pointValue({ histories, row }: SeriesHistory, index: number): number {
  const end = histories.start[row] + index;
  return histories.pool.value(blockOf(histories, row, end), end % blockPoints);
}

function blockOf({ pool, oldest }: Histories, row: number, end: number): number {
  let block = oldest[row];
  for (let left = Math.floor(end / blockPoints); left > 0; left -= 1) block = pool.next(block);
  return block;
}

export function lastTime(history: SeriesHistory): number {
  return history.length === 0 ? Number.NEGATIVE_INFINITY : pointTime(history, history.length - 1);
}

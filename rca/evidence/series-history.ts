import { blockPoints, createPointPool, type PointPool } from './point-pool.ts';

/**
 * The recent points of one series: eight bytes a point in blocks of a pool, since there are tens of thousands of series.
 * To be changed by the functions here only.
 */
export interface SeriesHistory {
  readonly pool: PointPool;
  /** Time that points are whole milliseconds after. */
  baseMs: number;
  /** The blocks, oldest first, and points of the first one that are given up. */
  readonly blocks: number[];
  start: number;
  length: number;
  /** Raw value and time of the last sample, for rates of counters. */
  rawTimeMs: number;
  rawValue: number;
  /** When the graph last heard of it. */
  announcedMs: number;
}

/** Plain data, so that it can be checkpointed. */
export interface SavedHistory extends Pick<SeriesHistory, 'baseMs' | 'rawTimeMs' | 'rawValue' | 'announcedMs'> {
  readonly offsetsMs: Uint32Array;
  readonly values: Float32Array;
}

/** Farther than this from the base no offset reaches: seven weeks. */
const longestOffsetMs = 2 ** 32 - 1;
/** Of what is larger, single precision would make infinity. */
const largestValue = 3e38;

export function createHistory(pool: PointPool = createPointPool()): SeriesHistory {
  return {
    pool,
    baseMs: 0,
    blocks: [],
    start: 0,
    length: 0,
    rawTimeMs: Number.NEGATIVE_INFINITY,
    rawValue: Number.NaN,
    announcedMs: Number.NEGATIVE_INFINITY,
  };
}

/** Appends a point; one within `resolutionMs` of the last kept point replaces that point's value. */
export function appendPoint(
  history: SeriesHistory,
  timeMs: number,
  value: number,
  capacity: number,
  resolutionMs: number,
): void {
  const kept = Math.max(-largestValue, Math.min(largestValue, value));
  if (history.length > 0 && timeMs - pointTime(history, history.length - 1) < resolutionMs) {
    const last = history.length - 1;
    put(history, last, offsetAt(history, last), kept);
    return;
  }
  if (history.length === capacity) dropFirst(history);
  add(history, offsetOf(history, timeMs), kept);
}

/** Gives up all of its points: nothing of it is to be used afterwards. */
export function releaseHistory(history: SeriesHistory): void {
  for (const block of history.blocks.splice(0)) history.pool.give(block);
  history.length = 0;
}

export function saveHistory(history: SeriesHistory): SavedHistory {
  const { baseMs, length, rawTimeMs, rawValue, announcedMs } = history;
  const offsetsMs = new Uint32Array(length);
  const values = new Float32Array(length);
  for (let at = 0; at < length; at += 1) {
    offsetsMs[at] = offsetAt(history, at);
    values[at] = pointValue(history, at);
  }
  return { baseMs, rawTimeMs, rawValue, announcedMs, offsetsMs, values };
}

export function loadHistory(saved: SavedHistory, pool: PointPool): SeriesHistory {
  const { baseMs, rawTimeMs, rawValue, announcedMs, offsetsMs, values } = saved;
  const history = { ...createHistory(pool), baseMs, rawTimeMs, rawValue, announcedMs };
  for (let at = 0; at < values.length; at += 1) add(history, offsetsMs[at], values[at]);
  return history;
}

function add(history: SeriesHistory, offsetMs: number, value: number): void {
  if ((history.start + history.length) % blockPoints === 0) history.blocks.push(history.pool.take());
  history.length += 1;
  put(history, history.length - 1, offsetMs, value);
}

function put({ pool, blocks, start }: SeriesHistory, index: number, offsetMs: number, value: number): void {
  const at = start + index;
  pool.setPoint(blocks[Math.floor(at / blockPoints)], at % blockPoints, offsetMs, value);
}

function dropFirst(history: SeriesHistory): void {
  history.start += 1;
  history.length -= 1;
  if (history.start < blockPoints) return;
  history.start = 0;
  history.pool.give(history.blocks.shift()!);
}

/** Of a new point; the base is moved where it lies too far behind, and points too old for that are given up. */
function offsetOf(history: SeriesHistory, timeMs: number): number {
  if (history.length > 0 && timeMs - history.baseMs > longestOffsetMs) {
    while (history.length > 0 && timeMs - pointTime(history, 0) > longestOffsetMs) dropFirst(history);
    if (history.length > 0) {
      const shiftMs = offsetAt(history, 0);
      for (let at = 0; at < history.length; at += 1)
        put(history, at, offsetAt(history, at) - shiftMs, pointValue(history, at));
      history.baseMs += shiftMs;
    }
  }
  if (history.length === 0) history.baseMs = timeMs;
  return Math.round(timeMs - history.baseMs);
}

function offsetAt({ pool, blocks, start }: SeriesHistory, index: number): number {
  const at = start + index;
  return pool.offsetMs(blocks[Math.floor(at / blockPoints)], at % blockPoints);
}

export interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The points in time order, as a copy. */
export function linear(history: SeriesHistory): Points {
  const times = new Float64Array(history.length);
  const values = new Float64Array(history.length);
  for (let index = 0; index < history.length; index += 1) {
    times[index] = pointTime(history, index);
    values[index] = pointValue(history, index);
  }
  return { times, values };
}

/** Time of the point at an index, the oldest being 0. */
export function pointTime(history: SeriesHistory, index: number): number {
  return history.baseMs + offsetAt(history, index);
}

export function pointValue({ pool, blocks, start }: SeriesHistory, index: number): number {
  const at = start + index;
  return pool.value(blocks[Math.floor(at / blockPoints)], at % blockPoints);
}

export function lastTime(history: SeriesHistory): number {
  return history.length === 0 ? Number.NEGATIVE_INFINITY : pointTime(history, history.length - 1);
}

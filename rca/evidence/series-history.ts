/**
 * The recent points of one series, a ring that grows up to its capacity: eight bytes a point, since there are tens of
 * thousands of series. Plain data, so that it can be checkpointed.
 */
export interface SeriesHistory {
  /** Time of the first point since it was begun; the others are whole milliseconds after it. */
  baseMs: number;
  offsetsMs: Uint32Array;
  values: Float32Array;
  start: number;
  length: number;
  /** Raw value and time of the last sample, for rates of counters. */
  rawTimeMs: number;
  rawValue: number;
  /** When the graph last heard of it. */
  announcedMs: number;
}

const firstCapacity = 32;
/** Farther than this from the base no offset reaches: seven weeks. */
const longestOffsetMs = 2 ** 32 - 1;
/** Of what is larger, single precision would make infinity. */
const largestValue = 3e38;

export function createHistory(): SeriesHistory {
  return {
    baseMs: 0,
    offsetsMs: new Uint32Array(firstCapacity),
    values: new Float32Array(firstCapacity),
    start: 0,
    length: 0,
    rawTimeMs: Number.NEGATIVE_INFINITY,
    rawValue: Number.NaN,
    announcedMs: Number.NEGATIVE_INFINITY,
  };
}

/** Appends a point; one within `resolutionMs` of the last kept point replaces that point's value. Allocates only to grow. */
export function appendPoint(
  history: SeriesHistory,
  timeMs: number,
  value: number,
  capacity: number,
  resolutionMs: number,
): void {
  const size = history.values.length;
  const kept = Math.max(-largestValue, Math.min(largestValue, value));
  if (history.length > 0) {
    const last = (history.start + history.length - 1) % size;
    if (timeMs - pointTime(history, history.length - 1) < resolutionMs) {
      history.values[last] = kept;
      return;
    }
  }
  if (history.length === size) {
    if (size < capacity) grow(history, Math.min(capacity, size * 2));
    else {
      history.start = (history.start + 1) % size;
      history.length -= 1;
    }
  }
  const offsetMs = offsetOf(history, timeMs);
  const at = (history.start + history.length) % history.values.length;
  history.offsetsMs[at] = offsetMs;
  history.values[at] = kept;
  history.length += 1;
}

/** Of a new point; the base is moved where it lies too far behind, and points too old for that are given up. */
function offsetOf(history: SeriesHistory, timeMs: number): number {
  if (history.length > 0 && timeMs - history.baseMs > longestOffsetMs) {
    while (history.length > 0 && timeMs - pointTime(history, 0) > longestOffsetMs) {
      history.start = (history.start + 1) % history.values.length;
      history.length -= 1;
    }
    if (history.length > 0) {
      const { offsetsMs } = history;
      const shiftMs = offsetsMs[history.start];
      for (let at = 0; at < offsetsMs.length; at += 1) offsetsMs[at] -= shiftMs;
      history.baseMs += shiftMs;
    }
  }
  if (history.length === 0) history.baseMs = timeMs;
  return Math.round(timeMs - history.baseMs);
}

function grow(history: SeriesHistory, size: number): void {
  const offsetsMs = new Uint32Array(size);
  const values = new Float32Array(size);
  for (let index = 0; index < history.length; index += 1) {
    const at = (history.start + index) % history.values.length;
    offsetsMs[index] = history.offsetsMs[at];
    values[index] = history.values[at];
  }
  history.offsetsMs = offsetsMs;
  history.values = values;
  history.start = 0;
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
export function pointTime({ baseMs, offsetsMs, start }: SeriesHistory, index: number): number {
  return baseMs + offsetsMs[(start + index) % offsetsMs.length];
}

export function pointValue({ values, start }: SeriesHistory, index: number): number {
  return values[(start + index) % values.length];
}

export function lastTime(history: SeriesHistory): number {
  return history.length === 0 ? Number.NEGATIVE_INFINITY : pointTime(history, history.length - 1);
}

/** The recent points of one series, a ring that grows up to its capacity. Plain data, so that it can be checkpointed. */
export interface SeriesHistory {
  times: Float64Array;
  values: Float64Array;
  start: number;
  length: number;
  /** Raw value and time of the last sample, for rates of counters. */
  rawTimeMs: number;
  rawValue: number;
  /** When the graph last heard of it. */
  announcedMs: number;
}

const firstCapacity = 32;

export function createHistory(): SeriesHistory {
  return {
    times: new Float64Array(firstCapacity),
    values: new Float64Array(firstCapacity),
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
  const size = history.times.length;
  if (history.length > 0) {
    const last = (history.start + history.length - 1) % size;
    if (timeMs - history.times[last] < resolutionMs) {
      history.values[last] = value;
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
  const at = (history.start + history.length) % history.times.length;
  history.times[at] = timeMs;
  history.values[at] = value;
  history.length += 1;
}

function grow(history: SeriesHistory, size: number): void {
  const points = linear(history);
  history.times = new Float64Array(size);
  history.values = new Float64Array(size);
  history.times.set(points.times);
  history.values.set(points.values);
  history.start = 0;
}

export interface Points {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

/** The points in time order, as a copy. */
export function linear(history: SeriesHistory): Points {
  return { times: unrolled(history.times, history), values: unrolled(history.values, history) };
}

function unrolled(ring: Float64Array, { start, length }: SeriesHistory): Float64Array {
  const untilEnd = ring.subarray(start, Math.min(start + length, ring.length));
  if (untilEnd.length === length) return untilEnd.slice();
  const copy = new Float64Array(length);
  copy.set(untilEnd);
  copy.set(ring.subarray(0, length - untilEnd.length), untilEnd.length);
  return copy;
}

/** Time of the point at an index, the oldest being 0. */
export function pointTime({ times, start }: SeriesHistory, index: number): number {
  return times[(start + index) % times.length];
}

export function pointValue({ values, start }: SeriesHistory, index: number): number {
  return values[(start + index) % values.length];
}

export function lastTime(history: SeriesHistory): number {
  if (history.length === 0) return Number.NEGATIVE_INFINITY;
  return history.times[(history.start + history.length - 1) % history.times.length];
}

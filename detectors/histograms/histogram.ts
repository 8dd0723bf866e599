import { growthOf } from './distribution.ts';

/** One histogram: its buckets, their readings, and the distribution being gathered. Plain data but for typed arrays. */
export interface Histogram {
  readonly name: string;
  /** Readings are totals since a start, increments, or what there is now. */
  readonly kind: 'counter' | 'delta' | 'gauge';
  /** Upper bounds, ascending. */
  bounds: Float64Array;
  /** The bounds in the order in which their buckets were met: a bucket's place in the readings. */
  readonly met: number[];
  /** Readings by window that is still open, by place; NaN for none. */
  readonly open: Map<number, Float64Array>;
  /** The last readings of closed windows, by bound. */
  before: Float64Array;
  /** Cumulative growth gathered so far, by bound. */
  gathered: Float64Array;
  gatheredFromMs: number;
  /** By bound: 1 where its bucket was read since gathering began. */
  read: Uint8Array<ArrayBuffer>;
  /** The same for the quantile that takes more observations: over several of what is told of the others. */
  tail: Float64Array;
  tailRead: Uint8Array<ArrayBuffer>;
  tailFromMs: number;
  lastMs: number;
  /** When its sender said that it has ended; NaN while it goes on. */
  endedMs: number;
  series: readonly number[] | undefined;
}

export function createHistogram(name: string, kind: Histogram['kind']): Histogram {
  return {
    name,
    kind,
    bounds: new Float64Array(0),
    met: [],
    open: new Map(),
    before: new Float64Array(0),
    gathered: new Float64Array(0),
    gatheredFromMs: Number.NaN,
    read: new Uint8Array(0),
    tail: new Float64Array(0),
    tailRead: new Uint8Array(0),
    tailFromMs: Number.NaN,
    lastMs: 0,
    endedMs: Number.NaN,
    series: undefined,
  };
}

/** The place of a new bucket. What is held by bound makes room for it. */
export function addBucket(histogram: Histogram, bound: number): number {
  const { bounds, before, gathered } = histogram;
  const at = bounds.filter((other) => other < bound).length;
  histogram.bounds = inserted(bounds, at, bound);
  histogram.before = inserted(before, at, Number.NaN);
  // Nothing was between its lower neighbour and it.
  histogram.gathered = inserted(gathered, at, at === 0 ? 0 : gathered[at - 1]!);
  histogram.read = Uint8Array.from(inserted(Float64Array.from(histogram.read), at, 0));
  histogram.tail = inserted(histogram.tail, at, at === 0 ? 0 : histogram.tail[at - 1]!);
  histogram.tailRead = Uint8Array.from(inserted(Float64Array.from(histogram.tailRead), at, 0));
  histogram.met.push(bound);
  return histogram.met.length - 1;
}

/** Takes a reading of a bucket in. */
export function readBucket(histogram: Histogram, place: number, window: number, value: number): void {
  let readings = histogram.open.get(window);
  if (readings === undefined || readings.length <= place) {
    const grown = new Float64Array(histogram.met.length).fill(Number.NaN);
    if (readings !== undefined) grown.set(readings);
    readings = grown;
    histogram.open.set(window, readings);
  }
  const known = readings[place]!;
  readings[place] = histogram.kind === 'delta' && !Number.isNaN(known) ? known + value : value;
}

/** Adds what grew in a window to the distribution gathered; `endMs` is the window's end. */
export function closeReadings(histogram: Histogram, window: number, endMs: number): void {
  const readings = histogram.open.get(window);
  if (readings === undefined) return;
  histogram.open.delete(window);
  histogram.lastMs = endMs;
  const { bounds, before, gathered, kind } = histogram;
  const now = new Float64Array(bounds.length).fill(Number.NaN);
  for (let place = 0; place < readings.length; place += 1)
    now[bounds.indexOf(histogram.met[place]!)] = readings[place]!;
  const isTotal = kind === 'counter';
  // Without the count of all it is torn, the rest came too late: the next reading has what grew in both.
  if (isTotal && bounds.at(-1) === Number.POSITIVE_INFINITY && Number.isNaN(now.at(-1)!)) return;
  const base = isTotal ? before : new Float64Array(bounds.length);
  const growth = growthOf(base, now, new Float64Array(bounds.length));
  if (isTotal) for (let at = 0; at < now.length; at += 1) if (!Number.isNaN(now[at]!)) before[at] = now[at]!;
  if (growth === undefined) return;
  if (Number.isNaN(histogram.gatheredFromMs)) histogram.gatheredFromMs = endMs;
  for (let at = 0; at < growth.length; at += 1) {
    if (!Number.isNaN(now[at]!)) histogram.read[at] = 1;
    gathered[at] = kind === 'gauge' ? growth[at]! : gathered[at]! + growth[at]!;
  }
}

export function clearGathered(histogram: Histogram): void {
  histogram.gathered.fill(0);
  histogram.gatheredFromMs = Number.NaN;
  histogram.read.fill(0);
}

/** Adds what was gathered to the tail. */
export function growTail(histogram: Histogram): void {
  const { kind, gathered, read, tail, tailRead } = histogram;
  if (Number.isNaN(histogram.tailFromMs)) histogram.tailFromMs = histogram.gatheredFromMs;
  for (let at = 0; at < tail.length; at += 1) {
    tail[at] = kind === 'gauge' ? gathered[at]! : tail[at]! + gathered[at]!;
    if (read[at] === 1) tailRead[at] = 1;
  }
}

export function clearTail(histogram: Histogram): void {
  histogram.tail.fill(0);
  histogram.tailRead.fill(0);
  histogram.tailFromMs = Number.NaN;
}

/** A distribution at the bounds that were read: those of before a deployment say nothing of what is counted now. */
export function distributionOf(
  bounds: Float64Array,
  counts: Float64Array,
  read: Uint8Array,
): readonly [Float64Array, Float64Array] {
  if (read.every((each) => each === 1)) return [bounds, counts];
  return [bounds.filter((_, at) => read[at] === 1), counts.filter((_, at) => read[at] === 1)];
}

function inserted(values: Float64Array, at: number, value: number): Float64Array {
  const larger = new Float64Array(values.length + 1);
  larger.set(values.subarray(0, at));
  larger[at] = value;
  larger.set(values.subarray(at), at + 1);
  return larger;
}

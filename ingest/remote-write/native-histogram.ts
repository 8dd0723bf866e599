import { dropReasonOf } from '../intake/raw-double.ts';
import { type WireReader, wireType } from '../wire/wire-reader.ts';

/** Custom buckets: bounds that the histogram itself lists. All other schemas are exponential. */
const customSchema = -53;
const gaugeHint = 3;

/** One side of the buckets: spans that say which there are, and a count for each. */
export interface Buckets {
  readonly spanOffsets: Float64Array;
  readonly spanLengths: Float64Array;
  spans: number;
  readonly counts: Float64Array;
  size: number;
}

/** A native histogram of 1.0 or 2.0, which are the same message; filled anew for each. */
export interface NativeHistogram {
  timeMs: number;
  count: number;
  sum: number;
  /** What the eight bytes of the sum say: a stale marker ends the series; no finite sum is left out. */
  sumIs: ReturnType<typeof dropReasonOf>;
  isFloat: boolean;
  isGauge: boolean;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  readonly positive: Buckets;
  readonly negative: Buckets;
  readonly bounds: Float64Array;
  boundCount: number;
  /** True where it has more parts than the limit. */
  tooMany: boolean;
}

export function createNativeHistogram(mostBuckets: number): NativeHistogram {
  const buckets = (): Buckets => ({
    spanOffsets: new Float64Array(mostBuckets),
    spanLengths: new Float64Array(mostBuckets),
    spans: 0,
    counts: new Float64Array(mostBuckets),
    size: 0,
  });
  return {
    timeMs: 0,
    count: 0,
    sum: 0,
    sumIs: undefined,
    isFloat: false,
    isGauge: false,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: buckets(),
    negative: buckets(),
    bounds: new Float64Array(mostBuckets),
    boundCount: 0,
    tooMany: false,
  };
}

function clear(into: NativeHistogram): void {
  into.timeMs = 0;
  into.count = 0;
  into.sum = 0;
  into.sumIs = undefined;
  into.isFloat = false;
  into.isGauge = false;
  into.schema = 0;
  into.zeroThreshold = 0;
  into.zeroCount = 0;
  into.positive.spans = into.positive.size = 0;
  into.negative.spans = into.negative.size = 0;
  into.boundCount = 0;
  into.tooMany = false;
}

/** Reads the Histogram that the reader's field holds (prometheus/prompb, types.proto). */
export function readNativeHistogram(reader: WireReader, into: NativeHistogram): void {
  clear(into);
  const outer = reader.enter();
  while (reader.next()) readField(reader, into);
  reader.leave(outer);
}

function readField(reader: WireReader, into: NativeHistogram): void {
  const { field } = reader;
  if (field === 3) {
    reader.fixed64();
    into.sum = reader.lastDouble();
    into.sumIs = dropReasonOf(reader);
  } else if (field === 4) into.schema = reader.sint();
  else if (field === 14) into.isGauge = reader.uint() === gaugeHint;
  else if (field === 15) into.timeMs = reader.int();
  else if (!readCount(reader, into) && !readBuckets(reader, into)) reader.skip();
}

/** The counts have two fields each: one of integer histograms, one of float histograms. */
function readCount(reader: WireReader, into: NativeHistogram): boolean {
  const { field } = reader;
  if (field === 1) into.count = reader.uint();
  else if (field === 6) into.zeroCount = reader.uint();
  else if (field === 2 || field === 5 || field === 7) {
    reader.fixed64();
    const value = reader.lastDouble();
    if (field === 2) into.count = value;
    else if (field === 5) into.zeroThreshold = value;
    else into.zeroCount = value;
  } else return false;
  if (field < 3) into.isFloat = field === 2;
  return true;
}

/** Spans, deltas and counts of the negative side, the same of the positive side three fields on, and custom bounds. */
function readBuckets(reader: WireReader, into: NativeHistogram): boolean {
  const { field } = reader;
  if (field === 16) {
    eachDouble(reader, into, keepBound);
    return true;
  }
  if (field < 8 || field > 13) return false;
  const side = field < 11 ? into.negative : into.positive;
  const what = (field - 8) % 3;
  if (what === 0) readSpan(reader, into, side);
  else if (what === 1) readDeltas(reader, into, side);
  else readCounts(reader, into, side);
  return true;
}

function readSpan(reader: WireReader, into: NativeHistogram, side: Buckets): void {
  let offset = 0;
  let length = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) offset = reader.sint();
    else if (reader.field === 2) length = reader.uint();
    else reader.skip();
  }
  reader.leave(outer);
  into.tooMany ||= side.spans === side.spanOffsets.length;
  if (into.tooMany) return;
  side.spanOffsets[side.spans] = offset;
  side.spanLengths[side.spans++] = length;
}

/** Integer histograms give each count as the difference from the one before it. */
function readDeltas(reader: WireReader, into: NativeHistogram, side: Buckets): void {
  const keep = (delta: number) => keepCount(into, side, delta + (side.size === 0 ? 0 : side.counts[side.size - 1]));
  if (reader.wire !== wireType.bytes) {
    keep(reader.sint());
    return;
  }
  const outer = reader.enter();
  while (reader.position < reader.end) keep(reader.rawSint());
  reader.leave(outer);
}

function readCounts(reader: WireReader, into: NativeHistogram, side: Buckets): void {
  eachDouble(reader, into, (histogram, count) => keepCount(histogram, side, count));
}

/** A repeated double, packed or not. */
function eachDouble(
  reader: WireReader,
  into: NativeHistogram,
  keep: (into: NativeHistogram, value: number) => void,
): void {
  if (reader.wire !== wireType.bytes) {
    reader.fixed64();
    keep(into, reader.lastDouble());
    return;
  }
  const outer = reader.enter();
  while (reader.position < reader.end) {
    reader.raw64();
    keep(into, reader.lastDouble());
  }
  reader.leave(outer);
}

function keepCount(into: NativeHistogram, side: Buckets, count: number): void {
  into.tooMany ||= side.size === side.counts.length;
  if (!into.tooMany) side.counts[side.size++] = count;
}

function keepBound(into: NativeHistogram, bound: number): void {
  into.tooMany ||= into.boundCount === into.bounds.length;
  if (!into.tooMany) into.bounds[into.boundCount++] = bound;
}

export function hasCustomBuckets(histogram: NativeHistogram): boolean {
  return histogram.schema === customSchema;
}

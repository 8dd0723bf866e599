import { type WireReader, wireType } from '../wire/wire-reader.ts';
import type { AttributeRange } from './point-scanner.ts';

/** The fields of one histogram or summary point, filled anew for each: nothing is allocated for a point. */
export interface DistributionPoint {
  timeMs: number;
  count: number;
  sum: number;
  hasSum: boolean;
  flags: number;
  exemplars: number;
  /** True where it has more parts than the limit. */
  invalid: boolean;
  /** Bucket counts, or values of quantiles. */
  readonly parts: Float64Array;
  partCount: number;
  /** Bucket bounds, or quantiles. */
  readonly bounds: Float64Array;
  boundCount: number;
  readonly range: AttributeRange;
  /** Of an exponential histogram: its scale, the index of its first positive bucket, and what is not positive. */
  scale: number;
  offset: number;
  notPositive: number;
}

export function createPoint(mostParts: number): DistributionPoint {
  return {
    timeMs: 0,
    count: 0,
    sum: 0,
    hasSum: false,
    flags: 0,
    exemplars: 0,
    invalid: false,
    parts: new Float64Array(mostParts),
    partCount: 0,
    bounds: new Float64Array(mostParts),
    boundCount: 0,
    range: { start: 0, end: 0, contiguous: true },
    scale: 0,
    offset: 0,
    notPositive: 0,
  };
}

export function clearPoint(point: DistributionPoint): void {
  point.timeMs = 0;
  point.count = 0;
  point.sum = 0;
  point.hasSum = false;
  point.flags = 0;
  point.exemplars = 0;
  point.invalid = false;
  point.partCount = 0;
  point.boundCount = 0;
  point.scale = 0;
  point.offset = 0;
  point.notPositive = 0;
}

/** Reads a repeated fixed64 (bucket counts) or double (bounds), packed or not. */
export function pushNumber(reader: WireReader, point: DistributionPoint, column: 'parts' | 'bounds'): void {
  if (reader.wire !== wireType.bytes) {
    reader.fixed64();
    keep(point, column, column === 'parts' ? reader.lastUnsigned() : reader.lastDouble());
    return;
  }
  const outer = reader.enter();
  while (reader.position < reader.end) {
    reader.raw64();
    keep(point, column, column === 'parts' ? reader.lastUnsigned() : reader.lastDouble());
  }
  reader.leave(outer);
}

/** Reads the `Buckets` of an exponential histogram: of the positive ones each, of the negative ones how many they hold. */
export function readBuckets(reader: WireReader, point: DistributionPoint, side: 'positive' | 'negative'): void {
  const take = (count: number): void => {
    if (side === 'positive') keep(point, 'parts', count);
    else point.notPositive += count;
  };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) {
      const offset = reader.sint();
      if (side === 'positive') point.offset = offset;
    } else if (reader.field !== 2) reader.skip();
    else if (reader.wire !== wireType.bytes) take(reader.uint());
    else {
      const inner = reader.enter();
      while (reader.position < reader.end) take(reader.rawUint());
      reader.leave(inner);
    }
  }
  reader.leave(outer);
}

/** Reads a `ValueAtQuantile`. */
export function readQuantile(reader: WireReader, point: DistributionPoint): void {
  let quantile = 0;
  let value = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1 || reader.field === 2) {
      const isQuantile = reader.field === 1;
      reader.fixed64();
      if (isQuantile) quantile = reader.lastDouble();
      else value = reader.lastDouble();
    } else reader.skip();
  }
  reader.leave(outer);
  keep(point, 'bounds', quantile);
  keep(point, 'parts', value);
}

function keep(point: DistributionPoint, column: 'parts' | 'bounds', value: number): void {
  const count = column === 'parts' ? point.partCount : point.boundCount;
  if (count === point[column].length || Number.isNaN(value)) {
    point.invalid ||= count === point[column].length || column === 'bounds';
    if (count === point[column].length) return;
  }
  point[column][count] = value;
  if (column === 'parts') point.partCount++;
  else point.boundCount++;
}

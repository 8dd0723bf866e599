import type { WireReader } from '../wire/wire-reader.ts';

/** Where the attributes of a point or span stand, for keys; reused for every point. */
export interface AttributeRange {
  start: number;
  end: number;
  /** False where other fields stand between them: then the range is not the identity and must not be remembered. */
  contiguous: boolean;
}

export function clearRange(range: AttributeRange): void {
  range.start = 0;
  range.end = 0;
  range.contiguous = true;
}

/** Skips an attribute whose tag starts at `tagStart`, and widens the range by it. */
export function skipAttribute(reader: WireReader, tagStart: number, range: AttributeRange): void {
  reader.skip();
  if (range.end === 0) range.start = tagStart;
  else if (range.end !== tagStart) range.contiguous = false;
  range.end = reader.position;
}

// 2^32 ns are 4294 ms and 967,296 ns: split so, every product below is exact in a double.
const wholeMs = 4_294;
const restNanos = 967_296;

/** Epoch nanoseconds in two halves as milliseconds rounded down, exactly. */
export function nanosAsMs(high: number, low: number): number {
  return high * wholeMs + Math.floor((high * restNanos + low) / 1e6);
}

/** Epoch nanoseconds last read by `fixed64`, as milliseconds rounded down. */
export function lastNanosAsMs(reader: WireReader): number {
  return nanosAsMs(reader.high, reader.low);
}

/** What {@link nanosAsMs} leaves over, in milliseconds. */
export function fractionOfMs(high: number, low: number): number {
  return ((high * restNanos + low) % 1e6) / 1e6;
}

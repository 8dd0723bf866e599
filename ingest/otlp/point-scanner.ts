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

/** Epoch nanoseconds last read by `fixed64`, as whole milliseconds. */
export function lastNanosAsMs(reader: WireReader): number {
  // 2^32 ns are 4294.967296 ms: the two parts are exact enough apart, their sum is not needed to the nanosecond.
  return Math.floor(reader.high * 4_294.967296 + reader.low / 1e6);
}

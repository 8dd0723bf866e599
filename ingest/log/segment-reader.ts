import { open } from 'node:fs/promises';
import type { LogRecord } from '../../model/index.ts';
import { floorMark, mark, type Segment } from './segment.ts';
import type { Damage } from './segment-repair.ts';
import { scanFrames } from './segment-scan.ts';

export interface SegmentRead {
  readonly records: readonly LogRecord[];
  /** Set where the reading met something that is no sound frame. */
  readonly damage?: Damage;
}

/**
 * Records of one segment from an offset on, up to `maxBytes` (at least one if there is one), checksums verified.
 * @param below first offset of the segment behind this one, undefined for the last
 */
export async function readSegment(
  segment: Segment,
  from: number,
  maxBytes: number,
  below: number | undefined,
): Promise<SegmentRead> {
  const records: LogRecord[] = [];
  const start = floorMark(segment, from);
  let total = 0;
  let expected = start.offset;
  const file = await open(segment.path, 'r');
  const end = await scanFrames(file, start.position, segment.bytes, (frame) => {
    mark(segment, frame.offset, frame.position);
    expected = frame.offset + 1;
    if (frame.offset < from) return true;
    total += frame.bytes.byteLength;
    if (records.length > 0 && total > maxBytes) return false;
    records.push({ offset: frame.offset, bytes: frame.bytes });
    return total < maxBytes;
  }).finally(() => file.close());
  if (end.kind !== 'broken') return { records };
  if (expected === below) {
    // Every record up to the next segment is there; behind them lies what a failed write left.
    segment.bytes = end.position;
    return { records };
  }
  const limit = below ?? expected + segment.bytes;
  return { records, damage: { position: end.position, expected, below: limit, last: false } };
}

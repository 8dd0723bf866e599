import { readdir, rm, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

export const segmentHeader = Buffer.from('KYBLOG1\n', 'latin1');

/** One file of a topic: records from offset `base` on, in order. */
export interface Segment {
  readonly base: number;
  readonly path: string;
  /** Durable bytes; what lies behind them was never acknowledged. */
  bytes: number;
  /** Sparse index: frame positions by offset, ascending, grown by whoever writes or scans. */
  marks: { readonly offset: number; readonly position: number }[];
}

const markEveryBytes = 256 * 1024;

export function createSegment(directory: string, base: number): Segment {
  const path = join(directory, `${String(base).padStart(20, '0')}.log`);
  return { base, path, bytes: 0, marks: [] };
}

/** Notes where a frame lies, if the last mark is far enough behind. */
export function mark(segment: Segment, offset: number, position: number): void {
  const last = segment.marks[segment.marks.length - 1];
  if (last !== undefined && position - last.position < markEveryBytes) return;
  segment.marks.push({ offset, position });
}

/** A frame boundary at or before this offset, with the offset of the frame there. */
export function floorMark(segment: Segment, offset: number): { readonly offset: number; readonly position: number } {
  let low = 0;
  let high = segment.marks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (segment.marks[middle].offset <= offset) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? { offset: segment.base, position: segmentHeader.byteLength } : segment.marks[low - 1];
}

/** The segments in a topic's folder in order; files of an interrupted repair are removed. */
export async function listSegments(directory: string): Promise<Segment[]> {
  const names = await readdir(directory);
  for (const name of names) if (name.endsWith('.repair')) await unlink(join(directory, name));
  const bases = names.filter((name) => /^\d{20}\.log$/.test(name)).map((name) => Number(name.slice(0, 20)));
  const segments = bases.sort((a, b) => a - b).map((base) => createSegment(directory, base));
  for (const segment of segments) segment.bytes = (await stat(segment.path)).size;
  return segments;
}

export async function deleteSegment(segment: Segment): Promise<void> {
  await rm(segment.path, { force: true });
}

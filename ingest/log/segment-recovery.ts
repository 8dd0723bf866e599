import { open } from 'node:fs/promises';
import type { KybernError } from '../../model/index.ts';
import { mark, type Segment, segmentHeader } from './segment.ts';
import { repairSegment, replaceSegment } from './segment-repair.ts';
import { readFully, scanFrames } from './segment-scan.ts';

export interface Recovered {
  readonly nextOffset: number;
  readonly tornBytes: number;
  readonly report?: KybernError;
}

/**
 * Opens the last segment after whatever happened: verifies every record, cuts an unfinished one off, sets a damaged file
 * aside, and syncs what is left, since a record that a killed process wrote may be in the page cache only.
 */
export async function recoverLastSegment(segment: Segment): Promise<Recovered> {
  const file = await open(segment.path, 'r+');
  try {
    const fileBytes = (await file.stat()).size;
    const header = await readFully(file, 0, Math.min(segmentHeader.byteLength, fileBytes));
    if (fileBytes <= segmentHeader.byteLength && !header.equals(segmentHeader)) {
      await replaceSegment(segment, [segmentHeader]);
      return { nextOffset: segment.base, tornBytes: fileBytes };
    }
    let nextOffset = segment.base;
    const end = await scanFrames(file, segmentHeader.byteLength, fileBytes, (frame) => {
      mark(segment, frame.offset, frame.position);
      nextOffset = frame.offset + 1;
      return true;
    });
    segment.bytes = end.position;
    if (end.kind === 'broken') {
      // Offsets only ever skip a few numbers, after a failed write; a million is far from what damage would show.
      const below = nextOffset + 1_000_000;
      const damage = { position: end.position, expected: nextOffset, below, last: true };
      const verdict = await repairSegment(segment, fileBytes, damage);
      if (verdict.kind === 'repaired')
        return { nextOffset: verdict.lastOffset + 1, tornBytes: 0, report: verdict.report };
      await file.truncate(end.position);
    }
    await file.sync();
    return { nextOffset, tornBytes: fileBytes - segment.bytes };
  } finally {
    await file.close();
  }
}

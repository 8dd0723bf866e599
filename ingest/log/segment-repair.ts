import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { KybernError } from '../../model/index.ts';
import { syncDirectory } from './durable-directory.ts';
import { type Segment, segmentHeader } from './segment.ts';
import { readFully, salvageFrames } from './segment-scan.ts';

export interface Damage {
  /** First byte that isn't a sound frame. */
  readonly position: number;
  /** Offset that would have come there. */
  readonly expected: number;
  /** Offsets from here on belong to other segments. */
  readonly below: number;
  /** Nothing sound behind it: an unfinished write in the last segment, lost records in an older one. */
  readonly last: boolean;
}

export type Verdict =
  | { readonly kind: 'torn' }
  | { readonly kind: 'repaired'; readonly lastOffset: number; readonly report: KybernError };

/**
 * Decides what lies behind the last sound frame. In the last segment with no sound frame there: a torn tail, left to
 * the caller. Otherwise the file is damaged in its middle: it is set aside as `*.corrupt`, and what is sound in it goes
 * into a new file of the old name, so that reading goes on behind the gap.
 */
export async function repairSegment(segment: Segment, fileBytes: number, damage: Damage): Promise<Verdict> {
  const file = await open(segment.path, 'r');
  try {
    const stretch = await readFully(file, damage.position, fileBytes - damage.position);
    const found = salvageFrames(stretch, damage.expected, damage.below);
    if (found.length === 0 && damage.last) return { kind: 'torn' };
    const soundBytes = Math.max(0, damage.position - segmentHeader.byteLength);
    const sound = await readFully(file, segmentHeader.byteLength, soundBytes);
    await replaceSegment(segment, [
      segmentHeader,
      sound,
      ...found.map((frame) => stretch.subarray(frame.start, frame.end)),
    ]);
    const lastOffset = found.at(-1)?.offset ?? damage.expected - 1;
    const until = found.length === 0 ? damage.below : lastOffset + 1;
    const report = new KybernError(
      'KYBERN_LOG_CORRUPT',
      `${segment.path}: ${until - damage.expected - found.length} record(s) from offset ${damage.expected} on are ` +
        `unreadable (byte ${damage.position}); set aside as ${basename(segment.path)}.corrupt`,
    );
    return { kind: 'repaired', lastOffset, report };
  } finally {
    await file.close();
  }
}

/** Sets the segment's file aside and puts one with these parts in its place. */
export async function replaceSegment(segment: Segment, parts: readonly Buffer[]): Promise<void> {
  const temporary = `${segment.path}.repair`;
  const file = await open(temporary, 'w');
  try {
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
  // A second name first, then the replacement over the old one: at no moment is there no segment.
  await rm(`${segment.path}.corrupt`, { force: true });
  await link(segment.path, `${segment.path}.corrupt`);
  await rename(temporary, segment.path);
  await syncDirectory(dirname(segment.path));
  segment.bytes = parts.reduce((total, part) => total + part.byteLength, 0);
  segment.marks = [];
}

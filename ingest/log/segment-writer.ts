import type { FileHandle, open } from 'node:fs/promises';
import { syncDirectory } from './durable-directory.ts';
import { offsetAt } from './frame.ts';
import { createSegment, deleteSegment, mark, type Segment, segmentHeader } from './segment.ts';

/** The file being appended to. */
export interface SegmentWriter {
  readonly segment: Segment;
  /** Writes the frames and syncs them: all durable once resolved. After a rejection the writer must be abandoned. */
  append(frames: readonly Buffer[]): Promise<void>;
  /** After a failure: cuts off, as far as the disk allows, what is not durable, and closes. Never rejects. */
  abandon(): Promise<void>;
  close(): Promise<void>;
}

/** Begins a new segment; its name is durable once resolved. */
export async function beginSegment(directory: string, base: number, openFile: typeof open): Promise<SegmentWriter> {
  const segment = createSegment(directory, base);
  const file = await openFile(segment.path, 'wx');
  try {
    await file.writeFile(segmentHeader);
    await syncDirectory(directory);
    segment.bytes = segmentHeader.byteLength;
    return createWriter(segment, file);
  } catch (error) {
    await file.close().catch(() => {});
    await deleteSegment(segment).catch(() => {});
    throw error;
  }
}

/** Goes on in a recovered segment. */
export async function continueSegment(segment: Segment, openFile: typeof open): Promise<SegmentWriter> {
  return createWriter(segment, await openFile(segment.path, 'r+'));
}

function createWriter(segment: Segment, file: FileHandle): SegmentWriter {
  async function append(frames: readonly Buffer[]): Promise<void> {
    let position = segment.bytes;
    const places = frames.map((frame) => {
      const place = { offset: offsetAt(frame, 0), position };
      position += frame.byteLength;
      return place;
    });
    await writeAll(file, frames, segment.bytes);
    await file.datasync();
    segment.bytes = position;
    for (const place of places) mark(segment, place.offset, place.position);
  }

  async function abandon(): Promise<void> {
    await file.truncate(segment.bytes).catch(() => {});
    await file.close().catch(() => {});
  }

  return { segment, append, abandon, close: () => file.close() };
}

async function writeAll(file: FileHandle, frames: readonly Buffer[], from: number): Promise<void> {
  let position = from;
  let rest: readonly Buffer[] = frames;
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, position);
    position += bytesWritten;
    rest = behind(rest, bytesWritten);
  }
}

/** What is left of the buffers behind so many bytes. */
function behind(buffers: readonly Buffer[], bytes: number): readonly Buffer[] {
  let skipped = 0;
  for (let i = 0; i < buffers.length; i++) {
    const next = skipped + buffers[i].byteLength;
    if (next > bytes) return [buffers[i].subarray(bytes - skipped), ...buffers.slice(i + 1)];
    skipped = next;
  }
  return [];
}

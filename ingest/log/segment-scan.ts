import type { FileHandle } from 'node:fs/promises';
import { decodeFrame, frameHeaderBytes, maxRecordBytes, offsetAt } from './frame.ts';

export interface ScannedFrame {
  readonly offset: number;
  /** Of the frame in the file. */
  readonly position: number;
  /** A view of the chunk read; copy it to keep it longer than the visit. */
  readonly bytes: Buffer;
}

export interface ScanEnd {
  /** First byte behind the last sound frame visited. */
  readonly position: number;
  /** `whole`: the file ends there; `stopped`: the visitor had enough; `broken`: what follows is no sound frame. */
  readonly kind: 'whole' | 'stopped' | 'broken';
}

const chunkBytes = 1024 * 1024;

/**
 * Visits the frames of a segment in order from a frame boundary, in chunks of about a megabyte, until the visitor
 * returns false or a frame isn't sound.
 */
export async function scanFrames(
  file: FileHandle,
  from: number,
  fileBytes: number,
  visit: (frame: ScannedFrame) => boolean,
): Promise<ScanEnd> {
  let position = from;
  let wanted = chunkBytes;
  while (position < fileBytes) {
    const asked = Math.min(wanted, fileBytes - position);
    const chunk = await readFully(file, position, asked);
    wanted = chunkBytes;
    let at = 0;
    while (at < chunk.byteLength) {
      const frame = decodeFrame(chunk, at);
      if (frame.kind === 'corrupt') return { position: position + at, kind: 'broken' };
      if (frame.kind === 'incomplete') {
        if (position + at + frame.needed > fileBytes) return { position: position + at, kind: 'broken' };
        wanted = Math.max(chunkBytes, frame.needed);
        break;
      }
      const visited = { offset: frame.offset, position: position + at, bytes: chunk.subarray(frame.start, frame.end) };
      if (!visit(visited)) return { position: position + frame.end, kind: 'stopped' };
      at = frame.end;
    }
    position += at;
    // A file that became shorter under us gives no more bytes: what is missing is broken.
    if (at === 0 && chunk.byteLength < asked) return { position, kind: 'broken' };
  }
  return { position, kind: 'whole' };
}

/**
 * Sound frames with offsets in [lowest, below) anywhere in a damaged stretch: every byte position with a plausible
 * header is tried. Empty where the stretch is a torn tail.
 */
export function salvageFrames(
  stretch: Buffer,
  lowest: number,
  below: number,
): readonly { readonly offset: number; readonly start: number; readonly end: number }[] {
  const found: { offset: number; start: number; end: number }[] = [];
  let next = lowest;
  let position = 0;
  while (position + frameHeaderBytes <= stretch.byteLength) {
    const length = stretch.readUInt32LE(position);
    const offset = offsetAt(stretch, position);
    if (length <= maxRecordBytes && offset >= next && offset < below) {
      const frame = decodeFrame(stretch, position);
      if (frame.kind === 'record') {
        found.push({ offset, start: position, end: frame.end });
        next = offset + 1;
        position = frame.end;
        continue;
      }
    }
    position += 1;
  }
  return found;
}

export async function readFully(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}

import { crc32 } from 'node:zlib';

/**
 * A record on disk, little endian: length of the bytes (u32), CRC-32 (u32) over length, offset and bytes, offset (u64),
 * bytes. The length is under the checksum too, so that a run of zeros is no record.
 */
export const frameHeaderBytes = 16;

/** Larger than any block a receiver may acknowledge; a length beyond it is damage. */
export const maxRecordBytes = 64 * 1024 * 1024;

export type FrameResult =
  | { readonly kind: 'record'; readonly offset: number; readonly start: number; readonly end: number }
  /** The buffer ends before the record does; `needed` bytes from `position` on would hold it. */
  | { readonly kind: 'incomplete'; readonly needed: number }
  | { readonly kind: 'corrupt' };

/** Frames a copy of the record: the caller may reuse its buffer at once. The offset is sealed in later. */
export function openFrame(record: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafeSlow(frameHeaderBytes + record.byteLength);
  frame.writeUInt32LE(record.byteLength, 0);
  frame.set(record, frameHeaderBytes);
  return frame;
}

/** Writes offset and checksum into a frame. */
export function sealFrame(frame: Buffer, offset: number): void {
  frame.writeUInt32LE(offset % 0x1_0000_0000, 8);
  frame.writeUInt32LE(Math.floor(offset / 0x1_0000_0000), 12);
  frame.writeUInt32LE(checksum(frame, 0, frame.byteLength), 4);
}

export function encodeFrame(offset: number, record: Uint8Array): Buffer {
  const frame = openFrame(record);
  sealFrame(frame, offset);
  return frame;
}

/** The frame at this position; `start` and `end` bound the record's bytes within the buffer. */
export function decodeFrame(buffer: Buffer, position: number, mostBytes = maxRecordBytes): FrameResult {
  const available = buffer.byteLength - position;
  if (available < frameHeaderBytes) return { kind: 'incomplete', needed: frameHeaderBytes };
  const length = buffer.readUInt32LE(position);
  if (length > mostBytes) return { kind: 'corrupt' };
  const needed = frameHeaderBytes + length;
  if (available < needed) return { kind: 'incomplete', needed };
  const end = position + needed;
  if (buffer.readUInt32LE(position + 4) !== checksum(buffer, position, end)) return { kind: 'corrupt' };
  return { kind: 'record', offset: offsetAt(buffer, position), start: position + frameHeaderBytes, end };
}

/** The offset written in the header at this position, whether or not the frame is sound. */
export function offsetAt(buffer: Buffer, position: number): number {
  return buffer.readUInt32LE(position + 8) + buffer.readUInt32LE(position + 12) * 0x1_0000_0000;
}

function checksum(buffer: Buffer, position: number, end: number): number {
  const length = crc32(buffer.subarray(position, position + 4));
  return crc32(buffer.subarray(position + 8, end), length);
}

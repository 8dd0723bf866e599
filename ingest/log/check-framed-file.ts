import { type FileHandle, open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import type { FilePart } from '../../model/index.ts';
import { frameHeaderBytes } from './frame.ts';

const stretchBytes = 1 << 20;

/**
 * The record of a file that is one frame, once its checksum has been found to be right, a stretch at a time; undefined where
 * it is not. Rejects as the file system does.
 */
export async function checkFramedFile(path: string): Promise<FilePart | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const header = Buffer.alloc(frameHeaderBytes);
    if (size < frameHeaderBytes || !(await fill(file, header, 0))) return undefined;
    const length = header.readUInt32LE(0);
    if (frameHeaderBytes + length !== size) return undefined;
    let checksum = crc32(header.subarray(8), crc32(header.subarray(0, 4)));
    const stretch = Buffer.alloc(Math.min(length, stretchBytes));
    for (let at = frameHeaderBytes; at < size; at += stretch.length) {
      const piece = stretch.subarray(0, size - at);
      if (!(await fill(file, piece, at))) return undefined;
      checksum = crc32(piece, checksum);
    }
    return checksum === header.readUInt32LE(4) ? { path, start: frameHeaderBytes, length } : undefined;
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, into: Buffer, position: number): Promise<boolean> {
  for (let read = 0; read < into.length; ) {
    const { bytesRead } = await file.read(into, read, into.length - read, position + read);
    if (bytesRead === 0) return false;
    read += bytesRead;
  }
  return true;
}

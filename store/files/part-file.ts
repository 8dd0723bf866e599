import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { KybernError } from '../../model/index.ts';
import type { Span } from './layout.ts';

/** Where a group of rows is within its part, and what it spans. */
export interface GroupEntry extends Span {
  readonly offset: number;
  readonly bytes: number;
  readonly crc: number;
  readonly rows: number;
}

/** What the end of a part says about the whole. */
export interface PartFooter {
  /** Parts are merged within a partition only: rows of one key are in one partition. */
  readonly partition: number;
  readonly groups: readonly GroupEntry[];
}

const magic = 0x4b59_5054; // "KYPT"
const trailerBytes = 12;

/** Writes a part whole or not at all: beside, fsynced, then under its name. The directory is the caller's to sync. */
export async function writePart(
  path: string,
  partition: number,
  groups: AsyncIterable<{ readonly bytes: Uint8Array; readonly rows: number; readonly span: Span }>,
): Promise<{ readonly footer: PartFooter; readonly bytes: number }> {
  const beside = `${path}.tmp`;
  const entries: GroupEntry[] = [];
  let offset = 0;
  const file = await open(beside, 'w');
  try {
    for await (const { bytes, rows, span } of groups) {
      await file.write(bytes);
      entries.push({ ...span, offset, bytes: bytes.byteLength, crc: crc32(bytes), rows });
      offset += bytes.byteLength;
    }
    const footer = { partition, groups: entries };
    const directory = zstdCompressSync(Buffer.from(JSON.stringify(footer)));
    const trailer = Buffer.alloc(trailerBytes);
    trailer.writeUInt32LE(directory.byteLength, 0);
    trailer.writeUInt32LE(crc32(directory), 4);
    trailer.writeUInt32LE(magic, 8);
    await file.write(Buffer.concat([directory, trailer]));
    await file.sync();
    await file.close();
    await rename(beside, path);
    return { footer, bytes: offset + directory.byteLength + trailerBytes };
  } catch (error) {
    await file.close().catch(() => {});
    await rm(beside, { force: true }).catch(() => {});
    throw error;
  }
}

/** Undefined where the file is not a whole part. */
export async function readFooter(path: string): Promise<{ footer: PartFooter; bytes: number } | undefined> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < trailerBytes) return undefined;
    const trailer = await readAt(file, size - trailerBytes, trailerBytes);
    const length = trailer.readUInt32LE(0);
    if (trailer.readUInt32LE(8) !== magic || length > size - trailerBytes) return undefined;
    const directory = await readAt(file, size - trailerBytes - length, length);
    if (crc32(directory) !== trailer.readUInt32LE(4)) return undefined;
    return { footer: JSON.parse(zstdDecompressSync(directory).toString()) as PartFooter, bytes: size };
  } finally {
    await file.close();
  }
}

/** The groups' bytes one after the other. Throws KYBERN_STORE for a damaged one. */
export async function* readGroups(path: string, entries: readonly GroupEntry[]): AsyncGenerator<Buffer> {
  const file = await open(path, 'r');
  try {
    for (const entry of entries) {
      const bytes = await readAt(file, entry.offset, entry.bytes);
      if (crc32(bytes) !== entry.crc) throw new KybernError('KYBERN_STORE', `${path}: damaged at byte ${entry.offset}`);
      yield bytes;
    }
  } finally {
    await file.close();
  }
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}

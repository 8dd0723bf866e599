import { mkdirSync, readdirSync } from 'node:fs';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { KybernError } from '../../model/index.ts';

/** Where a record lies. */
export interface SpillPlace {
  readonly segment: number;
  readonly offset: number;
  /** Of what was appended; the frame's header lies before it. */
  readonly length: number;
}

/** Records in segment files that only grow, each behind its length and checksum. */
export interface SpillFiles {
  /** Appends records and answers where each lies. Rejects with KYBERN_DATA_DIR; none of them counts as appended then. */
  append(records: readonly Uint8Array[]): Promise<readonly SpillPlace[]>;
  /** The records as they were appended; undefined where one cannot be read or is damaged. */
  read(places: readonly SpillPlace[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** Resolves once all that was appended would outlive a loss of power. Rejects with KYBERN_DATA_DIR. */
  sync(): Promise<void>;
  /** Removes the segments that nobody wants, but for the one that is being written. */
  keep(wanted: ReadonlySet<number>): Promise<void>;
  /** The segment that is being written, or would be. */
  readonly newest: number;
  close(): Promise<void>;
}

/** Length and CRC-32 of a record, each a u32. */
export const headerBytes = 8;
const suffix = '.spill';
/** A segment is full from this size on. */
const segmentBytes = 32 << 20;

/** Opens a directory, made where it is missing. Throws KYBERN_DATA_DIR. Segments that are there are never written to again. */
export function openSpillFiles(directory: string, fullFrom: number = segmentBytes): SpillFiles {
  let known = segmentsIn(directory);
  let newest = Math.max(0, ...known) + 1;
  let file: FileHandle | undefined;
  let written = 0;
  let isSynced = true;
  const readers = new Map<number, FileHandle>();
  const pathOf = (segment: number): string => join(directory, `${String(segment).padStart(8, '0')}${suffix}`);

  async function current(): Promise<FileHandle> {
    if (file !== undefined && written < fullFrom) return file;
    if (file !== undefined) {
      const full = file;
      file = undefined;
      newest += 1;
      if (Number.isFinite(written)) await full.sync();
      await full.close();
    }
    const begun = await open(pathOf(newest), 'wx+');
    known.push(newest);
    written = 0;
    file = begun;
    const listed = await open(directory, 'r');
    await listed.sync().finally(() => listed.close());
    return begun;
  }

  async function readerOf(segment: number): Promise<FileHandle> {
    if (segment === newest && file !== undefined) return file;
    const opened = readers.get(segment) ?? (await open(pathOf(segment), 'r'));
    readers.set(segment, opened);
    return opened;
  }

  async function readOne({ segment, offset, length }: SpillPlace): Promise<Uint8Array | undefined> {
    const frame = Buffer.alloc(headerBytes + length);
    try {
      const { bytesRead } = await (await readerOf(segment)).read(frame, 0, frame.length, offset);
      if (bytesRead < frame.length) return undefined;
    } catch {
      return undefined;
    }
    const bytes = frame.subarray(headerBytes);
    return frame.readUInt32LE(0) === length && frame.readUInt32LE(4) === crc32(bytes) ? bytes : undefined;
  }

  return {
    async append(records) {
      try {
        const into = await current();
        const frames = Buffer.concat(records.flatMap((record) => [headerOf(record), record]));
        isSynced = false;
        for (let at = 0; at < frames.length; )
          at += (await into.write(frames, at, frames.length - at, written + at)).bytesWritten;
        const places = records.map(({ length }) => {
          const place = { segment: newest, offset: written, length };
          written += headerBytes + length;
          return place;
        });
        return places;
      } catch (cause) {
        throw new KybernError('KYBERN_DATA_DIR', `${directory}: series cannot be put aside`, { cause });
      }
    },
    async read(places) {
      const records: (Uint8Array | undefined)[] = [];
      for (const place of places) records.push(await readOne(place));
      return records;
    },
    async sync() {
      if (isSynced || file === undefined) return;
      try {
        await file.sync();
        isSynced = true;
      } catch (cause) {
        // What the disk did with it is not known: nothing more is written behind it.
        written = Number.POSITIVE_INFINITY;
        throw new KybernError('KYBERN_DATA_DIR', `${directory} cannot be synced`, { cause });
      }
    },
    async keep(wanted) {
      const gone = known.filter((segment) => segment !== newest && !wanted.has(segment));
      known = known.filter((segment) => segment === newest || wanted.has(segment));
      for (const segment of gone) {
        await readers.get(segment)?.close();
        readers.delete(segment);
        await unlink(pathOf(segment)).catch(() => {});
      }
    },
    get newest() {
      return newest;
    },
    async close() {
      await file?.close();
      file = undefined;
      for (const reader of readers.values()) await reader.close();
      readers.clear();
    },
  };
}

function headerOf(record: Uint8Array): Buffer {
  const header = Buffer.alloc(headerBytes);
  header.writeUInt32LE(record.length, 0);
  header.writeUInt32LE(crc32(record), 4);
  return header;
}

function segmentsIn(directory: string): number[] {
  try {
    mkdirSync(directory, { recursive: true });
    return readdirSync(directory)
      .filter((name) => name.endsWith(suffix))
      .map((name) => Number.parseInt(name, 10))
      .filter(Number.isInteger);
  } catch (cause) {
    throw new KybernError('KYBERN_DATA_DIR', `${directory} cannot be used`, { cause });
  }
}

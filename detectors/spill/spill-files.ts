import { constants, mkdirSync, readdirSync } from 'node:fs';
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
  /** A segment with fewer bytes in use than this is worth writing anew. */
  readonly sparseBelow: number;
  close(): Promise<void>;
}

/** Files that are a copy of records kept elsewhere, by segments that are numbered there. */
export interface SpillCopy extends SpillFiles {
  /** Puts frames where they belong in a segment that is not being written. Rejects with KYBERN_DATA_DIR. */
  restore(segment: number, offset: number, frames: Uint8Array): Promise<void>;
}

/** Length and CRC-32 of a record, each a u32. */
export const headerBytes = 8;
const suffix = '.spill';
/** A segment is full from this size on. */
const segmentBytes = 32 << 20;

/**
 * Opens a directory, made where it is missing. Segments that are there are never written to again; a new one has the next
 * number, or the one that `numbered` gives. Throws KYBERN_DATA_DIR.
 */
export function openSpillFiles(
  directory: string,
  fullFrom: number = segmentBytes,
  numbered?: () => Promise<number>,
): SpillCopy {
  let known = segmentsIn(directory);
  let newest = numbered === undefined ? Math.max(0, ...known) + 1 : -1;
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
    if (numbered !== undefined) newest = await numbered();
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

  /** Reads records that lie near each other at once, into their places in `into`; what cannot be read stays undefined. */
  async function readSpan(span: readonly Wanted[], into: (Uint8Array | undefined)[]): Promise<void> {
    const { segment, offset: from } = span[0]!.place;
    const { offset, length } = span.at(-1)!.place;
    const bytes = Buffer.alloc(offset + headerBytes + length - from);
    try {
      const { bytesRead } = await (await readerOf(segment)).read(bytes, 0, bytes.length, from);
      for (const { place, at } of span)
        into[at] = recordIn(bytes.subarray(0, bytesRead), place.offset - from, place.length);
    } catch {
      // A segment that is gone or that the disk does not give: its records are lost.
    }
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
        if (cause instanceof KybernError) throw cause;
        throw new KybernError('KYBERN_DATA_DIR', `${directory}: series cannot be put aside`, { cause });
      }
    },
    async restore(segment, offset, frames) {
      try {
        const into = await open(pathOf(segment), constants.O_RDWR | constants.O_CREAT);
        if (!known.includes(segment)) known.push(segment);
        await into.write(frames, 0, frames.length, offset).finally(() => into.close());
      } catch (cause) {
        throw new KybernError('KYBERN_DATA_DIR', `${directory}: series put aside cannot be copied`, { cause });
      }
    },
    async read(places) {
      const records = new Array<Uint8Array | undefined>(places.length).fill(undefined);
      for (const span of spansOf(places)) await readSpan(span, records);
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
    sparseBelow: fullFrom / 4,
    async close() {
      await file?.close();
      file = undefined;
      for (const reader of readers.values()) await reader.close();
      readers.clear();
    },
  };
}

/** A record as it lies in its segment. */
export function frameOf(record: Uint8Array): Uint8Array {
  return Buffer.concat([headerOf(record), record]);
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

interface Wanted {
  readonly place: SpillPlace;
  readonly at: number;
}

/** Series that were put aside together mostly come back together. */
const longestSpan = 1 << 20;

/** The places in spans of neighbours. */
function spansOf(places: readonly SpillPlace[]): Wanted[][] {
  const sorted = places
    .map((place, at) => ({ place, at }))
    .sort((a, b) => a.place.segment - b.place.segment || a.place.offset - b.place.offset);
  const spans: Wanted[][] = [];
  for (const wanted of sorted) {
    const span = spans.at(-1);
    const first = span?.[0]?.place;
    const isNear =
      first !== undefined &&
      first.segment === wanted.place.segment &&
      wanted.place.offset + wanted.place.length - first.offset < longestSpan;
    if (isNear) span!.push(wanted);
    else spans.push([wanted]);
  }
  return spans;
}

/** The record whose frame begins there, undefined where it is cut short or damaged. */
export function recordIn(bytes: Buffer, from: number, length: number): Uint8Array | undefined {
  if (from + headerBytes + length > bytes.length) return undefined;
  const record = bytes.subarray(from + headerBytes, from + headerBytes + length);
  const isSound = bytes.readUInt32LE(from) === length && bytes.readUInt32LE(from + 4) === crc32(record);
  return isSound ? record : undefined;
}

import { KybernError } from '../../model/index.ts';

/** Reads what a {@link ByteWriter} wrote. Throws KYBERN_LOG_CORRUPT wherever the bytes end too soon. */
export interface ByteReader {
  readonly done: boolean;
  u32(): number;
  floats(count: number): Float64Array;
  words(count: number): Uint32Array;
  ints(count: number): Int32Array;
  bytes(count: number): Uint8Array;
  /** `count`, once it is known that so many rows of this width can follow: asked before memory is taken. */
  rows(count: number, bytesPerRow: number): number;
  corrupt(detail: string): never;
}

// Rows without bytes of their own (a constant column) can't be checked against what follows.
const mostRows = 16 * 1024 * 1024;

export function createByteReader(source: Uint8Array): ByteReader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let position = 0;

  function corrupt(detail: string): never {
    throw new KybernError('KYBERN_LOG_CORRUPT', `block: ${detail} at byte ${position}`);
  }

  function rows(count: number, bytesPerRow: number): number {
    if (count > mostRows || count * bytesPerRow > source.length - position) corrupt(`${count} rows do not fit`);
    return count;
  }

  /** Start of the next column, checked to hold `length` bytes. */
  function column(length: number): number {
    const start = (position + 7) & ~7;
    if (length > source.length - start) corrupt(`${length} bytes do not fit`);
    position = start + length;
    return source.byteOffset + start;
  }

  return {
    get done() {
      return position >= source.length;
    },
    u32() {
      if (source.length - position < 4) corrupt('no room for a number');
      position += 4;
      return view.getUint32(position - 4, true);
    },
    floats(count) {
      const start = column(count * 8);
      if (start % 8 === 0) return new Float64Array(source.buffer, start, count);
      return new Float64Array(source.buffer.slice(start, start + count * 8));
    },
    words(count) {
      const start = column(count * 4);
      if (start % 4 === 0) return new Uint32Array(source.buffer, start, count);
      return new Uint32Array(source.buffer.slice(start, start + count * 4));
    },
    ints(count) {
      const start = column(count * 4);
      if (start % 4 === 0) return new Int32Array(source.buffer, start, count);
      return new Int32Array(source.buffer.slice(start, start + count * 4));
    },
    bytes(count) {
      return new Uint8Array(source.buffer, column(count), count);
    },
    rows,
    corrupt,
  };
}

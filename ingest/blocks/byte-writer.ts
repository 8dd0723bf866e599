/** Appends columns to one growing buffer; every column starts at a multiple of eight bytes, so that it can be viewed. */
export interface ByteWriter {
  u32(value: number): void;
  floats(column: Float64Array): void;
  words(column: Uint32Array): void;
  bytes(column: Uint8Array): void;
  finish(): Uint8Array;
}

export function createByteWriter(capacity: number): ByteWriter {
  let buffer = new Uint8Array(capacity);
  let view = new DataView(buffer.buffer);
  let position = 0;

  function reserve(count: number): void {
    if (position + count <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, position + count));
    grown.set(buffer.subarray(0, position));
    buffer = grown;
    view = new DataView(buffer.buffer);
  }

  function bytes(column: Uint8Array): void {
    const start = (position + 7) & ~7;
    reserve(start - position + column.length);
    buffer.set(column, start);
    position = start + column.length;
  }

  return {
    u32(value) {
      reserve(4);
      view.setUint32(position, value, true);
      position += 4;
    },
    floats: (column) => bytes(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
    words: (column) => bytes(new Uint8Array(column.buffer, column.byteOffset, column.byteLength)),
    bytes,
    finish: () => buffer.subarray(0, position),
  };
}

/**
 * ClickHouse's Native format, revision 0: number of columns and rows, then column after column with name, type and
 * data (ClickHouse docs, "Native" and src/Formats/NativeWriter.cpp). Columns go from our arrays to the engine without
 * being turned into rows.
 */
export interface NativeColumn {
  readonly name: string;
  readonly type: string;
  readonly data: readonly Uint8Array[];
}

/** The block as a list of chunks, to be written one behind the other. */
export function nativeBlock(rows: number, columns: readonly NativeColumn[]): Uint8Array[] {
  const chunks: Uint8Array[] = [Buffer.concat([varint(columns.length), varint(rows)])];
  for (const column of columns) {
    chunks.push(Buffer.concat([text(column.name), text(column.type)]), ...column.data);
  }
  return chunks;
}

export function byteView(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/** Writes times as 64-bit ticks: `ticks = round(ms * perMs)`, negative ones in two's complement. */
export function ticksInto(target: Uint32Array, at: number, timesMs: Float64Array, count: number, perMs: number): void {
  for (let i = 0; i < count; i++) {
    const ticks = Math.round(timesMs[i] * perMs);
    const high = Math.floor(ticks / 0x1_0000_0000);
    const place = (at + i) * 2;
    target[place] = ticks - high * 0x1_0000_0000;
    target[place + 1] = high;
  }
}

/** Collects a column of strings: each its length as a varint, then its bytes. */
export function createStringColumn() {
  let buffer = Buffer.allocUnsafe(64 * 1024);
  let length = 0;

  function room(bytes: number): void {
    if (length + bytes <= buffer.byteLength) return;
    const larger = Buffer.allocUnsafe(Math.max(buffer.byteLength * 2, length + bytes));
    buffer.copy(larger, 0, 0, length);
    buffer = larger;
  }

  function push(value: Uint8Array): void {
    room(value.byteLength + 5);
    length = putVarint(buffer, length, value.byteLength);
    buffer.set(value, length);
    length += value.byteLength;
  }

  return { push, bytes: (): Uint8Array => buffer.subarray(0, length) };
}

function putVarint(buffer: Buffer, at: number, value: number): number {
  let rest = value;
  let place = at;
  while (rest >= 0x80) {
    buffer[place++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  buffer[place++] = rest;
  return place;
}

function varint(value: number): Buffer {
  const buffer = Buffer.alloc(8);
  return buffer.subarray(0, putVarint(buffer, 0, value));
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([varint(bytes.byteLength), bytes]);
}

/** A typed array whose bytes can be stored. */
export type Column =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array;

/** Appends values to a growing buffer; {@link StateReader} takes them off in the same order. Little-endian, unaligned. */
export interface StateWriter {
  number(value: number): void;
  text(value: string): void;
  bytes(value: Uint8Array): void;
  /** The first `count` elements of a column. */
  column(values: Column, count: number): void;
  json(value: unknown): void;
  /** All there is so far. */
  finish(): Uint8Array;
  /** All there is so far in the pieces it came in, and none of it any more. What is large is no copy: to be used at once. */
  take(): readonly Uint8Array[];
}

const encoder = new TextEncoder();

/** Small values are put together in buffers of this size: a state has millions, and each buffer costs a write. */
const bufferBytes = 1 << 18;
/** From this size on, a value is not copied: its bytes are pieces, of this size at most, so that others may run between them. */
const largeBytes = 1 << 16;
const pieceBytes = 4 << 20;

export function createStateWriter(): StateWriter {
  let parts: Uint8Array[] = [];
  let buffer = new Uint8Array(0);
  let view = new DataView(buffer.buffer);
  let used = 0;

  function closeBuffer(): void {
    if (used > 0) parts.push(buffer.subarray(0, used));
    buffer = buffer.subarray(used);
    view = new DataView(buffer.buffer, buffer.byteOffset);
    used = 0;
  }

  /** Makes room for so many bytes, fewer than a buffer holds. */
  function reserve(bytes: number): void {
    if (used + bytes <= buffer.length) return;
    closeBuffer();
    buffer = new Uint8Array(bufferBytes);
    view = new DataView(buffer.buffer);
  }

  function number(value: number): void {
    reserve(8);
    view.setFloat64(used, value, true);
    used += 8;
  }

  function bytes(value: Uint8Array): void {
    number(value.length);
    if (value.length >= largeBytes) {
      closeBuffer();
      for (let at = 0; at < value.length; at += pieceBytes) parts.push(value.subarray(at, at + pieceBytes));
      return;
    }
    reserve(value.length);
    buffer.set(value, used);
    used += value.length;
  }

  function finish(): Uint8Array {
    closeBuffer();
    const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  return {
    number,
    bytes,
    text: (value) => bytes(encoder.encode(value)),
    json: (value) => bytes(encoder.encode(JSON.stringify(value))),
    column: (values, count) => {
      bytes(new Uint8Array(values.buffer, values.byteOffset, count * values.BYTES_PER_ELEMENT));
    },
    finish,
    take() {
      closeBuffer();
      const taken = parts;
      parts = [];
      return taken;
    },
  };
}

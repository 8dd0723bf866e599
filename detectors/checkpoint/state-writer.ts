/** A typed array whose bytes can be stored. */
export type Column =
  | Uint8Array
  | Int8Array
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
  /** All there is so far in the pieces it came in, and none of it any more. */
  take(): readonly Uint8Array[];
}

const encoder = new TextEncoder();

export function createStateWriter(): StateWriter {
  let parts: Uint8Array[] = [];
  let total = 0;

  function push(part: Uint8Array): void {
    parts.push(part);
    total += part.length;
  }

  function number(value: number): void {
    const part = new Uint8Array(8);
    new DataView(part.buffer).setFloat64(0, value, true);
    push(part);
  }

  function bytes(value: Uint8Array): void {
    number(value.length);
    push(value.slice());
  }

  function finish(): Uint8Array {
    if (parts.length === 1) return parts[0]!;
    const whole = new Uint8Array(total);
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
      const taken = parts;
      parts = [];
      total = 0;
      return taken;
    },
  };
}

/** Protobuf wire types (protobuf.dev/programming-guides/encoding). */
const varintType = 0;
const fixed64Type = 1;
const lengthType = 2;

/**
 * A protobuf writer that fills its buffer from the end to the front: when a message's header is due its length is
 * known, so that nothing is measured or copied twice. Fields, and items of repeated fields, are written in reverse.
 */
export interface ReverseWriter {
  /** Where a message to be written now will end; hand it to {@link ReverseWriter.message} after its fields. */
  mark(): number;
  /** Closes what was written since `mark` as the message of this field. */
  message(field: number, mark: number): void;
  string(field: number, value: string): void;
  /** Hex digits as bytes. */
  hex(field: number, digits: string): void;
  bytes(field: number, value: Uint8Array): void;
  /** Without header: bytes made before. */
  raw(value: Uint8Array): void;
  /** A whole number of at least 0. */
  varint(field: number, value: number): void;
  double(field: number, value: number): void;
  /** Milliseconds, with fractions, as nanoseconds in a fixed64. */
  nanoseconds(field: number, milliseconds: number): void;
  /** A copy of everything written since the last finish; the buffer is kept and used again. */
  finish(): Uint8Array;
}

export function createReverseWriter(initialBytes = 1 << 18): ReverseWriter {
  let buffer = Buffer.allocUnsafe(initialBytes);
  let at = buffer.length;

  function reserve(bytes: number): void {
    if (at >= bytes) return;
    const used = buffer.length - at;
    const larger = Buffer.allocUnsafe(2 * buffer.length + bytes);
    buffer.copy(larger, larger.length - used, at);
    at = larger.length - used;
    buffer = larger;
  }

  /** Marks count from the end, so that they outlive a growing buffer. */
  const written = (): number => buffer.length - at;

  function plainVarint(value: number): void {
    reserve(10);
    let size = 1;
    for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
    at -= size;
    let rest = value;
    for (let index = 0; index < size; index++) {
      buffer[at + index] = (rest % 128) | (index === size - 1 ? 0 : 128);
      rest = Math.floor(rest / 128);
    }
  }

  function header(field: number, type: number): void {
    plainVarint(field * 8 + type);
  }

  function raw(value: Uint8Array): void {
    reserve(value.length);
    at -= value.length;
    buffer.set(value, at);
  }

  return {
    mark: written,
    message(field, mark) {
      plainVarint(written() - mark);
      header(field, lengthType);
    },
    string(field, value) {
      const size = Buffer.byteLength(value);
      reserve(size);
      at -= size;
      buffer.write(value, at, size, 'utf8');
      plainVarint(size);
      header(field, lengthType);
    },
    hex(field, digits) {
      const size = digits.length / 2;
      reserve(size);
      at -= size;
      buffer.write(digits, at, size, 'hex');
      plainVarint(size);
      header(field, lengthType);
    },
    bytes(field, value) {
      raw(value);
      plainVarint(value.length);
      header(field, lengthType);
    },
    raw,
    varint(field, value) {
      plainVarint(value);
      header(field, varintType);
    },
    double(field, value) {
      reserve(8);
      at -= 8;
      buffer.writeDoubleLE(value, at);
      header(field, fixed64Type);
    },
    nanoseconds(field, milliseconds) {
      reserve(8);
      at -= 8;
      writeNanoseconds(buffer, at, milliseconds);
      header(field, fixed64Type);
    },
    finish() {
      const bytes = new Uint8Array(buffer.subarray(at));
      at = buffer.length;
      return bytes;
    },
  };
}

/** Exact without BigInt: epoch nanoseconds don't fit a double, but their upper and lower parts do. */
function writeNanoseconds(buffer: Buffer, at: number, milliseconds: number): void {
  const whole = Math.floor(milliseconds);
  const upper = Math.floor(whole / 2 ** 20) * 1e6;
  const rest = (whole % 2 ** 20) * 1e6 + Math.round((milliseconds - whole) * 1e6);
  // value = upper * 2^20 + rest, split at 2^32.
  const low = (upper % 2 ** 12) * 2 ** 20 + rest;
  buffer.writeUInt32LE(low % 2 ** 32, at);
  buffer.writeUInt32LE(Math.floor(upper / 2 ** 12) + Math.floor(low / 2 ** 32), at + 4);
}

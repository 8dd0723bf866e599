/** Writes protobuf into one growing buffer; nested messages are written in place and their length is patched in. */
export interface WireWriter {
  varint(field: number, value: bigint): void;
  fixed64(field: number, value: bigint): void;
  double(field: number, value: number): void;
  bytes(field: number, value: Uint8Array): void;
  text(field: number, value: string): void;
  /** A nested message: whatever `write` writes. */
  message(field: number, write: () => void): void;
  finish(): Uint8Array;
}

const textEncoder = new TextEncoder();
// A nested message's length is written in this many bytes whatever it is: protobuf allows padded varints of up to ten.
const lengthBytes = 5;

export function createWireWriter(): WireWriter {
  let buffer = new Uint8Array(1024);
  let view = new DataView(buffer.buffer);
  let position = 0;

  function reserve(count: number): void {
    if (position + count <= buffer.length) return;
    const grown = new Uint8Array(Math.max(buffer.length * 2, position + count));
    grown.set(buffer);
    buffer = grown;
    view = new DataView(buffer.buffer);
  }

  function rawVarint(value: bigint): void {
    reserve(10);
    let rest = BigInt.asUintN(64, value);
    while (rest > 0x7fn) {
      buffer[position++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    buffer[position++] = Number(rest);
  }

  const tag = (field: number, wire: number) => rawVarint(BigInt(field * 8 + wire));

  function bytes(field: number, value: Uint8Array): void {
    tag(field, 2);
    rawVarint(BigInt(value.length));
    reserve(value.length);
    buffer.set(value, position);
    position += value.length;
  }

  return {
    varint(field, value) {
      tag(field, 0);
      rawVarint(value);
    },
    fixed64(field, value) {
      tag(field, 1);
      reserve(8);
      view.setBigUint64(position, BigInt.asUintN(64, value), true);
      position += 8;
    },
    double(field, value) {
      tag(field, 1);
      reserve(8);
      view.setFloat64(position, value, true);
      position += 8;
    },
    bytes,
    text(field, value) {
      bytes(field, textEncoder.encode(value));
    },
    message(field, write) {
      tag(field, 2);
      reserve(lengthBytes);
      const lengthAt = position;
      position += lengthBytes;
      write();
      let length = position - lengthAt - lengthBytes;
      for (let index = 0; index < lengthBytes; index++) {
        buffer[lengthAt + index] = (length & 0x7f) | (index < lengthBytes - 1 ? 0x80 : 0);
        length >>>= 7;
      }
    },
    finish: () => buffer.subarray(0, position),
  };
}

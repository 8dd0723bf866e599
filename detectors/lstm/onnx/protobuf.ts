/**
 * The little of the protobuf wire format that an ONNX file needs: varint and length-delimited fields
 * (protobuf.dev, "Encoding").
 */
export interface ProtobufWriter {
  /** A varint field; the value is a non-negative safe integer. */
  varint(field: number, value: number): ProtobufWriter;
  bytes(field: number, value: Uint8Array): ProtobufWriter;
  text(field: number, value: string): ProtobufWriter;
  message(field: number, value: ProtobufWriter): ProtobufWriter;
  finish(): Uint8Array;
}

export function createProtobufWriter(): ProtobufWriter {
  const parts: Uint8Array[] = [];

  function pushVarint(value: number): void {
    const encoded: number[] = [];
    let rest = value;
    while (rest >= 128) {
      encoded.push((rest % 128) + 128);
      rest = Math.floor(rest / 128);
    }
    encoded.push(rest);
    parts.push(Uint8Array.from(encoded));
  }

  const writer: ProtobufWriter = {
    varint(field, value) {
      pushVarint(field * 8);
      pushVarint(value);
      return writer;
    },
    bytes(field, value) {
      pushVarint(field * 8 + 2);
      pushVarint(value.byteLength);
      parts.push(value);
      return writer;
    },
    text: (field, value) => writer.bytes(field, new TextEncoder().encode(value)),
    message: (field, value) => writer.bytes(field, value.finish()),
    finish: () => new Uint8Array(Buffer.concat(parts)),
  };
  return writer;
}

export interface ProtobufField {
  readonly field: number;
  /** The value of a varint field, else 0. */
  readonly varint: number;
  /** The content of a length-delimited field, else empty. */
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);

/** The fields of one message in order. Throws a RangeError where the bytes end early or hold a group. */
export function* readProtobuf(message: Uint8Array): Generator<ProtobufField> {
  let at = 0;

  function take(length: number): Uint8Array {
    if (at + length > message.length) throw new RangeError('protobuf message ends early');
    at += length;
    return message.subarray(at - length, at);
  }

  function varint(): number {
    let value = 0;
    for (let factor = 1; factor < 2 ** 70; factor *= 128) {
      const byte = take(1)[0]!;
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new RangeError('protobuf varint is too long');
  }

  while (at < message.length) {
    const key = varint();
    const field = Math.floor(key / 8);
    const wireType = key % 8;
    if (wireType === 0) yield { field, varint: varint(), bytes: nothing };
    else if (wireType === 2) yield { field, varint: 0, bytes: take(varint()) };
    else if (wireType === 1) yield { field, varint: 0, bytes: take(8) };
    else if (wireType === 5) yield { field, varint: 0, bytes: take(4) };
    else throw new RangeError(`protobuf wire type ${wireType}`);
  }
}

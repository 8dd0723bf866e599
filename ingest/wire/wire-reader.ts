import { KybernError } from '../../model/index.ts';

/** Wire types of protobuf; groups are refused. */
export const wireType = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

const nothing = new Uint8Array(0);
const textDecoder = new TextDecoder('utf-8', { fatal: true });

function unreadable(detail: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `protobuf: ${detail}`);
}

/**
 * A cursor over protobuf bytes (encoding guide: protobuf.dev/programming-guides/encoding) that allocates nothing: nested
 * messages narrow `end` instead of making a new reader. Every method throws KYBERN_BODY_UNREADABLE where the bytes
 * contradict themselves.
 *
 *     while (reader.next()) {
 *       if (reader.field === 1) { const outer = reader.enter(); ...; reader.leave(outer); } else reader.skip();
 *     }
 */
export class WireReader {
  bytes: Uint8Array = nothing;
  view: DataView = new DataView(this.bytes.buffer);
  position = 0;
  end = 0;
  /** Field number and wire type of the tag last read by {@link next}. */
  field = 0;
  wire = 0;
  /** Where {@link locate} found its field. */
  foundStart = 0;
  foundEnd = 0;
  /** The two halves of the 64-bit value last read. */
  low = 0;
  high = 0;

  reset(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.position = 0;
    this.end = bytes.byteLength;
  }

  /** Reads a body with this reader, and lets go of it: a reader lives longer than any body. */
  over<T>(bytes: Uint8Array, read: () => T): T {
    this.reset(bytes);
    try {
      return read();
    } finally {
      this.reset(nothing);
    }
  }

  /** Reads the next tag of the current message; false at its end. */
  next(): boolean {
    if (this.position >= this.end) return false;
    this.readVarint();
    if (this.high !== 0) unreadable('tag out of range');
    this.field = this.low >>> 3;
    this.wire = this.low & 7;
    if (this.field === 0) unreadable('field number 0');
    return true;
  }

  /** Enters the length-delimited field; returns what {@link leave} needs. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.position + length;
    return outer;
  }

  leave(outer: number): void {
    this.position = this.end;
    this.end = outer;
  }

  /**
   * Finds the last length-delimited field of this number in the current message, an empty range where there is none, and
   * leaves the reader where it was. Protobuf promises no order of fields: what identifies an item may stand behind it.
   */
  locate(field: number): void {
    const position = this.position;
    this.foundStart = position;
    this.foundEnd = position;
    while (this.next()) {
      if (this.field === field) {
        const length = this.length();
        this.foundStart = this.position;
        this.foundEnd = this.position + length;
        this.position = this.foundEnd;
      } else this.skip();
    }
    this.position = position;
  }

  /** Length of the length-delimited field that follows, checked against the message. */
  length(): number {
    if (this.wire !== wireType.bytes) unreadable(`field ${this.field} has wire type ${this.wire}`);
    this.readVarint();
    if (this.high !== 0 || this.low > this.end - this.position) unreadable('length beyond the message');
    return this.low;
  }

  skip(): void {
    switch (this.wire) {
      case wireType.varint:
        this.readVarint();
        return;
      case wireType.fixed64:
        this.advance(8);
        return;
      case wireType.bytes:
        this.advance(this.length());
        return;
      case wireType.fixed32:
        this.advance(4);
        return;
      default:
        unreadable(`wire type ${this.wire}`);
    }
  }

  /** An unsigned varint as a number; beyond 2^53 the nearest double. */
  uint(): number {
    this.expect(wireType.varint);
    this.readVarint();
    return this.high * 4_294_967_296 + this.low;
  }

  /** A varint in two's complement (int32, int64, enum, bool). */
  int(): number {
    this.expect(wireType.varint);
    this.readVarint();
    return (this.high | 0) * 4_294_967_296 + this.low;
  }

  /** A zigzag varint (sint32, sint64); beyond 2^53 the nearest double. */
  sint(): number {
    this.expect(wireType.varint);
    return this.rawSint();
  }

  /** As {@link uint}, without a tag before it: an element of a packed field. */
  rawUint(): number {
    this.readVarint();
    return this.high * 4_294_967_296 + this.low;
  }

  /** As {@link sint}, without a tag before it: an element of a packed field. */
  rawSint(): number {
    const value = this.rawUint();
    return (this.low & 1) === 0 ? value / 2 : -Math.ceil(value / 2);
  }

  /** The eight raw bytes of a fixed64, sfixed64 or double into {@link low} and {@link high}. */
  fixed64(): void {
    this.expect(wireType.fixed64);
    this.raw64();
  }

  /** As {@link fixed64}, without a tag before it: an element of a packed field. */
  raw64(): void {
    const at = this.position;
    this.advance(8);
    this.low = this.view.getUint32(at, true);
    this.high = this.view.getUint32(at + 4, true);
  }

  /** The double whose bytes were last read by {@link fixed64} or {@link raw64}. */
  lastDouble(): number {
    return this.view.getFloat64(this.position - 8, true);
  }

  /** The value last read as an unsigned 64-bit number; beyond 2^53 the nearest double. */
  lastUnsigned(): number {
    return this.high * 4_294_967_296 + this.low;
  }

  /** The value last read as a signed 64-bit number. */
  lastSigned(): number {
    return (this.high | 0) * 4_294_967_296 + this.low;
  }

  /** The length-delimited field as text, or undefined where it is not UTF-8. */
  text(): string | undefined {
    const length = this.length();
    const start = this.position;
    this.position += length;
    return decodeText(this.bytes, start, this.position);
  }

  private expect(wire: number): void {
    if (this.wire !== wire) unreadable(`field ${this.field} has wire type ${this.wire}`);
  }

  private advance(count: number): void {
    if (count > this.end - this.position) unreadable('value beyond the message');
    this.position += count;
  }

  private readVarint(): void {
    const bytes = this.bytes;
    let position = this.position;
    if (position < this.end && bytes[position] < 0x80) {
      this.low = bytes[position];
      this.high = 0;
      this.position = position + 1;
      return;
    }
    const limit = Math.min(this.end, position + 10);
    let low = 0;
    let high = 0;
    let shift = 0;
    while (position < limit) {
      const byte = bytes[position++];
      if (shift < 28) low |= (byte & 0x7f) << shift;
      else if (shift === 28) {
        low |= (byte & 0x7f) << 28;
        high = (byte & 0x7f) >>> 4;
      } else high |= (byte & 0x7f) << (shift - 32);
      if (byte < 0x80) {
        this.low = low >>> 0;
        this.high = high >>> 0;
        this.position = position;
        return;
      }
      shift += 7;
    }
    unreadable('varint without an end');
  }
}

/** The bytes as text, or undefined where they are not UTF-8. */
export function decodeText(bytes: Uint8Array, start: number, end: number): string | undefined {
  try {
    return textDecoder.decode(bytes.subarray(start, end));
  } catch {
    return undefined;
  }
}

import { KybernError } from '../../model/index.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const deepest = 64;

/** A place in a JSON text of bytes. Every method throws KYBERN_BODY_UNREADABLE where the text is not as asked for. */
export interface JsonCursor {
  position: number;
  /** The first byte of the next value. */
  peek(): number;
  /** Calls back at the value of each member, which the callback must read or skip. */
  members(each: (key: string) => void): void;
  /** Calls back at each element, which the callback must read or skip. */
  elements(each: () => void): void;
  /** Passes over a value, whatever it is. */
  skip(): void;
  /** Passes over a string; its raw bytes are `[start .. end)`, escapes and all. */
  string(): void;
  readonly start: number;
  readonly end: number;
  /** Passes over a number; its bytes are `[start .. end)`. */
  number(): void;
  /** Passes over one byte that must be there, after blanks. */
  expect(byte: number): void;
  /** The value as JavaScript has it: for small ones. */
  value(): unknown;
  /** Nothing but blanks may follow. */
  finish(): void;
}

/**
 * Reads JSON (RFC 8259) from bytes without building values: an answer of a million points costs no object a point. What is
 * passed over is checked for its nesting, not for its scalars.
 */
export function createJsonCursor(bytes: Uint8Array): JsonCursor {
  let start = 0;
  let end = 0;
  let depth = 0;

  function unreadable(): never {
    throw new KybernError('KYBERN_BODY_UNREADABLE', `not the JSON that was asked for, at byte ${cursor.position}`);
  }

  function peek(): number {
    while (cursor.position < bytes.length && bytes[cursor.position] <= 0x20) cursor.position++;
    return cursor.position < bytes.length ? bytes[cursor.position] : unreadable();
  }

  function expect(byte: number): void {
    if (peek() !== byte) unreadable();
    cursor.position++;
  }

  function string(): void {
    expect(quote);
    let index = cursor.position;
    while (index < bytes.length && bytes[index] !== quote) index += bytes[index] === backslash ? 2 : 1;
    if (index >= bytes.length) unreadable();
    start = cursor.position;
    end = index;
    cursor.position = index + 1;
  }

  function scalar(): void {
    peek();
    let index = cursor.position;
    while (index < bytes.length && isScalarByte(bytes[index])) index++;
    if (index === cursor.position) unreadable();
    start = cursor.position;
    end = index;
    cursor.position = index;
  }

  function list(open: number, close: number, each: () => void): void {
    if (++depth > deepest) unreadable();
    expect(open);
    if (peek() === close) cursor.position++;
    else {
      for (;;) {
        each();
        if (peek() !== comma) break;
        cursor.position++;
      }
      expect(close);
    }
    depth--;
  }

  function skip(): void {
    const first = peek();
    if (first === 0x7b) cursor.members(skip);
    else if (first === 0x5b) list(0x5b, 0x5d, skip);
    else if (first === quote) string();
    else scalar();
  }

  const cursor: JsonCursor = {
    position: 0,
    peek,
    expect,
    skip,
    string,
    number: scalar,
    get start() {
      return start;
    },
    get end() {
      return end;
    },
    members(each) {
      list(0x7b, 0x7d, () => {
        string();
        const key = textOf(bytes, start, end);
        expect(colon);
        each(key);
      });
    },
    elements: (each) => list(0x5b, 0x5d, each),
    value() {
      peek();
      const from = cursor.position;
      skip();
      try {
        return JSON.parse(textOf(bytes, from, cursor.position));
      } catch {
        return unreadable();
      }
    },
    finish() {
      while (cursor.position < bytes.length) if (bytes[cursor.position++] > 0x20) unreadable();
    },
  };
  return cursor;
}

const isScalarByte = (byte: number): boolean =>
  (byte >= 0x30 && byte <= 0x39) ||
  byte === 0x2e ||
  byte === 0x2d ||
  byte === 0x2b ||
  (byte >= 0x61 && byte <= 0x7a) ||
  byte === 0x45;

function textOf(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
}

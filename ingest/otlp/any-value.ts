import { KybernError } from '../../model/index.ts';
import type { WireReader } from '../wire/wire-reader.ts';

/**
 * An `AnyValue` as text: a string as it is, numbers and booleans in their usual form, bytes in base64, arrays and maps
 * as JSON (as OpenTelemetry's attribute convention has it). The reader stands in the AnyValue message. Throws
 * KYBERN_NESTING beyond `depth` levels, KYBERN_BAD_REQUEST where a text is not UTF-8.
 */
export function anyValueText(reader: WireReader, depth: number): string {
  let text = '';
  while (reader.next()) text = reader.field === 1 ? stringOf(reader) : jsonOf(reader, depth);
  return text;
}

/** The AnyValue that the reader stands in as JSON text. */
function jsonText(reader: WireReader, depth: number): string {
  let json = 'null';
  while (reader.next()) {
    const quoted = reader.field === 1 || reader.field === 7;
    const text = reader.field === 1 ? stringOf(reader) : jsonOf(reader, depth);
    json = quoted ? JSON.stringify(text) : text;
  }
  return json;
}

/** The present field of an AnyValue, other than a string, as JSON; base64 without its quotes. */
function jsonOf(reader: WireReader, depth: number): string {
  switch (reader.field) {
    case 2:
      return reader.uint() === 0 ? 'false' : 'true';
    case 3:
      reader.int();
      return String(BigInt.asIntN(64, (BigInt(reader.high) << 32n) | BigInt(reader.low)));
    case 4:
      reader.fixed64();
      return String(reader.lastDouble());
    case 5:
      return nested(reader, depth, (inner) => `[${listOf(reader, () => jsonText(reader, inner)).join(',')}]`);
    case 6:
      return nested(reader, depth, (inner) => `{${listOf(reader, () => memberOf(reader, inner)).join(',')}}`);
    case 7:
      return base64Of(reader);
    default:
      reader.skip();
      return '';
  }
}

function base64Of(reader: WireReader): string {
  const length = reader.length();
  const start = reader.position;
  reader.position += length;
  const { buffer, byteOffset } = reader.bytes;
  return Buffer.from(buffer, byteOffset + start, length).toString('base64');
}

function nested(reader: WireReader, depth: number, read: (inner: number) => string): string {
  if (depth <= 1) throw new KybernError('KYBERN_NESTING', 'an attribute value nests too deeply');
  const outer = reader.enter();
  const text = read(depth - 1);
  reader.leave(outer);
  return text;
}

function listOf(reader: WireReader, read: () => string): string[] {
  const items: string[] = [];
  while (reader.next()) {
    if (reader.field === 1) {
      const outer = reader.enter();
      items.push(read());
      reader.leave(outer);
    } else reader.skip();
  }
  return items;
}

function memberOf(reader: WireReader, depth: number): string {
  let key = '';
  let value = 'null';
  while (reader.next()) {
    if (reader.field === 1) key = stringOf(reader);
    else if (reader.field === 2) {
      const outer = reader.enter();
      value = jsonText(reader, depth);
      reader.leave(outer);
    } else reader.skip();
  }
  return `${JSON.stringify(key)}:${value}`;
}

function stringOf(reader: WireReader): string {
  const text = reader.text();
  if (text === undefined) throw new KybernError('KYBERN_BAD_REQUEST', 'an attribute is not UTF-8');
  return text;
}

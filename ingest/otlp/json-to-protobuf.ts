import { KybernError } from '../../model/index.ts';
import { createWireWriter, type WireWriter } from '../wire/wire-writer.ts';
import { checkJsonDepth } from './json-depth.ts';
import type { JsonField, JsonMessage, ScalarType } from './json-schema.ts';

const textDecoder = new TextDecoder('utf-8', { fatal: true });

/**
 * An OTLP/JSON body as the protobuf body that says the same, so that there is one decoder and one meaning. OTLP/JSON
 * differs from proto3 JSON: ids are hex in either case, enums are numbers only, unknown fields are ignored, 64-bit
 * integers are strings or numbers. Throws KYBERN_BODY_UNREADABLE, and KYBERN_NESTING beyond `depth` levels of brackets.
 */
export function jsonToProtobuf(body: Uint8Array, schema: JsonMessage, depth: number): Uint8Array {
  checkJsonDepth(body, depth);
  const writer = createWireWriter();
  writeMessage(writer, parse(body), schema, '$');
  return writer.finish();
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(textDecoder.decode(body));
  } catch (cause) {
    throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not JSON in UTF-8', { cause });
  }
}

function writeMessage(writer: WireWriter, value: unknown, schema: JsonMessage, path: string): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) unreadable(path, 'an object');
  for (const [name, member] of Object.entries(value as object)) {
    const field = schema.get(name);
    if (field === undefined || member === null || member === undefined) continue;
    const at = `${path}.${name}`;
    if (field.repeated !== true) writeField(writer, member, field, at);
    else if (Array.isArray(member)) for (const item of member) writeField(writer, item, field, at);
    else unreadable(at, 'an array');
  }
}

function writeField(writer: WireWriter, value: unknown, field: JsonField, path: string): void {
  const { number, type } = field;
  if (typeof type === 'function') writer.message(number, () => writeMessage(writer, value, type(), path));
  else writeScalar(writer, value, number, type, path);
}

function writeScalar(writer: WireWriter, value: unknown, number: number, type: ScalarType, path: string): void {
  if (type === 'text') writer.text(number, textOf(value, path));
  else if (type === 'hex') writer.bytes(number, hexOf(value, path));
  else if (type === 'base64') writer.bytes(number, Buffer.from(textOf(value, path), 'base64'));
  else if (type === 'bool') writer.varint(number, booleanOf(value, path) ? 1n : 0n);
  else if (type === 'double') writer.double(number, doubleOf(value, path));
  else if (type === 'fixed64') writer.fixed64(number, integerOf(value, 0n, 1n << 64n, path));
  else if (type === 'sfixed64') writer.fixed64(number, integerOf(value, -(1n << 63n), 1n << 63n, path));
  else if (type === 'uint') writer.varint(number, integerOf(value, 0n, 1n << 32n, path));
  else if (type === 'uint64') writer.varint(number, integerOf(value, 0n, 1n << 64n, path));
  else if (type === 'sint') writer.varint(number, zigzag(integerOf(value, -(1n << 31n), 1n << 31n, path)));
  else writer.varint(number, integerOf(value, -(1n << 63n), 1n << 63n, path));
}

function zigzag(value: bigint): bigint {
  return value < 0n ? -2n * value - 1n : 2n * value;
}

function booleanOf(value: unknown, path: string): boolean {
  return typeof value === 'boolean' ? value : unreadable(path, 'true or false');
}

function textOf(value: unknown, path: string): string {
  return typeof value === 'string' ? value : unreadable(path, 'a text');
}

function hexOf(value: unknown, path: string): Uint8Array {
  const text = textOf(value, path);
  return /^([0-9a-fA-F]{2})*$/.test(text) ? Buffer.from(text, 'hex') : unreadable(path, 'hex digits');
}

/** An integer in [from, below), as a number or a text of one. */
function integerOf(value: unknown, from: bigint, below: bigint, path: string): bigint {
  const isInteger = typeof value === 'string' ? /^-?\d{1,20}$/.test(value) : Number.isInteger(value);
  if (!isInteger) unreadable(path, 'an integer');
  const integer = BigInt(value as string | number);
  return integer >= from && integer < below ? integer : unreadable(path, 'within its range');
}

function doubleOf(value: unknown, path: string): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  if (typeof value === 'string' && value.trim() !== '' && !Number.isNaN(Number(value))) return Number(value);
  return unreadable(path, 'a number');
}

function unreadable(path: string, wanted: string): never {
  throw new KybernError('KYBERN_BODY_UNREADABLE', `${path} is not ${wanted}`);
}

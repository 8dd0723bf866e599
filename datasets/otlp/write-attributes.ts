import type { Attributes } from '../telemetry-frame.ts';
import { createReverseWriter, type ReverseWriter } from './reverse-writer.ts';

// opentelemetry/proto/common/v1/common.proto
const keyValueKey = 1;
const keyValueValue = 2;
const anyValueString = 1;
const scopeName = 1;
const resourceAttributes = 1;

// The three ResourceX and ScopeX messages share these numbers.
const resourceField = 1;
const scopesField = 2;
const scopeField = 1;

const scope = 'kybern.shop';
const cached = new WeakMap<Attributes, Map<number, Uint8Array>>();
const scratch = createReverseWriter(1 << 12);

/** Attributes as repeated KeyValue under this field number. Encoded once per object: they are not to change. */
export function writeAttributes(writer: ReverseWriter, field: number, attributes: Attributes): void {
  const byField = cached.get(attributes) ?? new Map<number, Uint8Array>();
  let bytes = byField.get(field);
  if (bytes === undefined) {
    bytes = encodeAttributes(field, attributes);
    byField.set(field, bytes);
    cached.set(attributes, byField);
  }
  writer.raw(bytes);
}

function encodeAttributes(field: number, attributes: Attributes): Uint8Array {
  for (const [key, value] of Object.entries(attributes).reverse()) {
    const mark = scratch.mark();
    writeStringValue(scratch, keyValueValue, value);
    scratch.string(keyValueKey, key);
    scratch.message(field, mark);
  }
  return scratch.finish();
}

/** A string as AnyValue. */
export function writeStringValue(writer: ReverseWriter, field: number, value: string): void {
  const mark = writer.mark();
  writer.string(anyValueString, value);
  writer.message(field, mark);
}

/** The envelope that all three signals share: one ResourceX with one ScopeX around what `writeItems` writes. */
export function writeResourceGroup(writer: ReverseWriter, resource: Attributes, writeItems: () => void): void {
  const whole = writer.mark();
  const inScope = writer.mark();
  writeItems();
  const scopeMark = writer.mark();
  writer.string(scopeName, scope);
  writer.message(scopeField, scopeMark);
  writer.message(scopesField, inScope);
  const resourceMark = writer.mark();
  writeAttributes(writer, resourceAttributes, resource);
  writer.message(resourceField, resourceMark);
  // The request's only field: repeated ResourceX = 1.
  writer.message(1, whole);
}

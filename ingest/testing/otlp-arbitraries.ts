import fc from 'fast-check';
import { nanos } from './door.ts';

/** An attribute value with the text it is to become. */
export interface GivenAttribute {
  readonly key: string;
  readonly value: object;
  readonly text: string;
}

const leaf: fc.Arbitrary<{ value: object; text: string; json: string }> = fc.oneof(
  fc
    .string({ unit: 'grapheme', maxLength: 8 })
    .map((stringValue) => ({ value: { stringValue }, text: stringValue, json: JSON.stringify(stringValue) })),
  fc.boolean().map((boolValue) => ({ value: { boolValue }, text: String(boolValue), json: String(boolValue) })),
  fc
    .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
    .map((int) => ({ value: { intValue: String(int) }, text: String(int), json: String(int) })),
  fc
    .double({ noNaN: true, noDefaultInfinity: true })
    .map((doubleValue) => ({ value: { doubleValue }, text: String(doubleValue), json: String(doubleValue) })),
  fc.uint8Array({ maxLength: 6 }).map((bytesValue) => {
    const text = Buffer.from(bytesValue).toString('base64');
    return { value: { bytesValue }, text, json: JSON.stringify(text) };
  }),
);

const nested = fc.oneof(
  leaf,
  fc.array(leaf, { maxLength: 3 }).map((items) => {
    const text = `[${items.map((item) => item.json).join(',')}]`;
    return { value: { arrayValue: { values: items.map((item) => item.value) } }, text };
  }),
  fc.array(fc.tuple(fc.string({ maxLength: 4 }), leaf), { maxLength: 3 }).map((members) => {
    const text = `{${members.map(([key, member]) => `${JSON.stringify(key)}:${member.json}`).join(',')}}`;
    const values = members.map(([key, member]) => ({ key, value: member.value }));
    return { value: { kvlistValue: { values } }, text };
  }),
);

const keys = ['service.name', 'k8s.pod.name', 'process.pid', 'telemetry.sdk.name', 'region', 'größe', '__proto__'];

export const givenAttributes: fc.Arbitrary<GivenAttribute[]> = fc.uniqueArray(
  fc.tuple(fc.constantFrom(...keys), nested).map(([key, { value, text }]) => ({ key, value, text })),
  { selector: (attribute) => attribute.key, maxLength: 4 },
);

export const keyValues = (given: readonly GivenAttribute[]) => given.map(({ key, value }) => ({ key, value }));

/** Labels of a stream by the rule: resource attributes but noise, overridden by the item's own; none that is empty. */
export function expectedLabels(
  resource: readonly GivenAttribute[],
  own: readonly GivenAttribute[],
  more: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const labels = new Map<string, string>();
  for (const { key, text } of resource) if (!/^(process|telemetry\.sdk)\./.test(key)) labels.set(key, text);
  for (const { key, text } of own) labels.set(key, text);
  for (const [key, text] of more) labels.set(key, text);
  return [...labels].filter(([, text]) => text !== '').sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Milliseconds from now within the limits, and the same moment in nanoseconds. */
export const moments = fc.integer({ min: -1_000_000, max: 500_000 }).map((ms) => ({ ms, nanos: nanos(ms) }));

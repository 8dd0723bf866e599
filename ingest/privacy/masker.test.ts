import fc from 'fast-check';
import { Value } from 'typebox/value';
import { expect, test } from 'vitest';
import { type LogBatch, noMetrics, textAt } from '../../model/index.ts';
import { createCountedMetrics } from '../testing/counted-metrics.ts';
import { createMasker } from './masker.ts';
import { PrivacyConfig } from './privacy-config.ts';

const defaults = Value.Parse(PrivacyConfig, Value.Default(PrivacyConfig, {}));
const all = createMasker({ ...defaults, rules: [...defaults.rules, 'email', 'iban', 'us-ssn'] }, noMetrics);

function logs(...texts: string[]): LogBatch {
  const bodies = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(texts.length + 1);
  for (const [row, body] of bodies.entries()) offsets[row + 1] = offsets[row] + body.length;
  return {
    kind: 'logs',
    count: texts.length,
    series: new Uint32Array(texts.length),
    timesMs: new Float64Array(texts.length),
    severities: new Uint8Array(texts.length),
    bodies: { offsets, bytes: Buffer.concat(bodies) },
    traceIds: new Uint8Array(16 * texts.length),
    spanIds: new Uint8Array(8 * texts.length),
  };
}

test.each([
  ['login password=hunter2 ok', 'login password=<credential> ok'],
  ['{"api_key": "abc123"}', '{"api_key": "<credential>"}'],
  ['{"password":"a b, c<d@e"}', '{"password":"<credential>"}'],
  ['pwd=p@ss<word next', 'pwd=<credential> next'],
  ['Authorization: Bearer abcdef', 'Authorization: Bearer <credential>'],
  ['postgres://shop:s3cret@db/x', 'postgres://shop:<credential>@db/x'],
  ['key AKIAIOSFODNN7EXAMPLE used', 'key <token> used'],
  ['paid with 4111 1111 1111 1111 today', 'paid with <card> today'],
  ['mail to ann.lee@example.org now', 'mail to <email> now'],
  ['to DE89 3704 0044 0532 0130 00', 'to <iban>'],
  ['ssn 219-09-9999', 'ssn <us-ssn>'],
])('%s is masked', (text, expected) => {
  expect(all.text(text)).toBe(expected);
});

test.each(['order 4111111111111112 shipped', 'took 1234567890123 ns', 'password reset asked for', 'GET /tokens 200'])(
  '%s stays',
  (text) => {
    expect(all.text(text)).toBe(text);
  },
);

test('the bodies of a batch are masked in place, and the others stay byte for byte', () => {
  const metrics = createCountedMetrics();
  const batch = createMasker(defaults, metrics).batch(logs('größe', 'pwd=x', '')) as LogBatch;
  expect([0, 1, 2].map((row) => textAt(batch.bodies, row))).toEqual(['größe', 'pwd=<credential>', '']);
  expect(metrics.total('kybern_ingest_masked_total', { rule: 'credential' })).toBe(1);
});

test('a batch without a secret is not copied', () => {
  const batch = logs('nothing here');
  expect(all.batch(batch)).toBe(batch);
});

test('whatever stands around a token, it does not get through', () => {
  const token = 'AKIAIOSFODNN7EXAMPLE';
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      expect(all.text(`${before} ${token} ${after}`)).not.toContain(token);
    }),
  );
});

test('an own pattern that would take for ever elsewhere takes no time', () => {
  const own = createMasker({ rules: [], patterns: [{ name: 'own', pattern: '(a+)+$' }] }, noMetrics);
  const started = performance.now();
  expect(own.text(`${'a'.repeat(5000)}b`)).toBe(`${'a'.repeat(5000)}b`);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('an own pattern that is not RE2 syntax is refused', () => {
  expect(() => createMasker({ rules: [], patterns: [{ name: 'own', pattern: '(?=a)' }] }, noMetrics)).toThrow('own');
});

test('the message of an event is masked', () => {
  const entity = { kind: 'pod', namespace: 'shop', name: 'cart-1' } as const;
  const event = { id: '1', atMs: 0, entity, reason: 'Failed', type: 'Warning', message: 'token=1 pwd=x' } as const;
  expect(all.batch({ kind: 'cluster', timeMs: 0, events: [event] })).toMatchObject({
    events: [{ message: 'token=1 pwd=<credential>' }],
  });
});

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KybernError, labelValue, textAt } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { encodeProto } from '../testing/otlp-protos.ts';
import { createPushDecoder } from './decode-push.ts';
import { createJsonPushDecoder } from './decode-push-json.ts';
import { parseLabels } from './parse-labels.ts';

const { limits } = ingestConfig();

function decoders() {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const proto = createPushDecoder(catalog, limits);
  const json = createJsonPushDecoder(catalog, limits);
  const read = (decoder: typeof proto, body: Uint8Array) => {
    const tally = createTally();
    const batch = decoder.decode(body, nowMs, tally, defaultTenant);
    const rows = Array.from({ length: batch.count }, (_, row) => ({
      labels: catalog.get(batch.series[row]).labels,
      timeMs: Math.round(batch.timesMs[row]),
      severity: batch.severities[row],
      text: textAt(batch.bodies, row),
      trace: Buffer.from(batch.traceIds.subarray(row * 16, row * 16 + 16)).toString('hex'),
    }));
    return { rows, tally };
  };
  return { readProto: (body: Uint8Array) => read(proto, body), readJson: (body: Uint8Array) => read(json, body) };
}

const quote = (text: string) => JSON.stringify(text);
const labelNames = fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/);
const values = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.isWellFormed());
const labelSets = fc.dictionary(labelNames, values, { minKeys: 1, maxKeys: 5 });
const entries = fc.array(
  fc.record({
    agoSeconds: fc.integer({ min: 0, max: 1_000_000 }),
    line: fc.string({ unit: 'grapheme' }).filter((text) => text.isWellFormed()),
    metadata: fc.dictionary(fc.constantFrom('trace_id', 'level', 'pod', 'other'), values),
  }),
  { maxLength: 4 },
);
const pushes = fc.array(fc.record({ labels: labelSets, entries }), { minLength: 1, maxLength: 3 });

it('protobuf by the oracle, and JSON, give the same lines of the same streams', () => {
  fc.assert(
    fc.property(pushes, (given) => {
      const { readProto, readJson } = decoders();
      const asProto = encodeProto('LokiPush', {
        streams: given.map((stream) => ({
          labels: `{${Object.entries(stream.labels)
            .map(([name, value]) => `${name}=${quote(value)}`)
            .join(', ')}}`,
          hash: '7',
          entries: stream.entries.map(({ agoSeconds, line, metadata }) => ({
            timestamp: { seconds: String(nowMs / 1000 - agoSeconds), nanos: 0 },
            line,
            structuredMetadata: Object.entries(metadata).map(([name, value]) => ({ name, value })),
          })),
        })),
      });
      const asJson = JSON.stringify({
        streams: given.map((stream) => ({
          stream: stream.labels,
          values: stream.entries.map((entry) => [nanos(-entry.agoSeconds * 1000), entry.line, entry.metadata]),
        })),
      });
      const proto = readProto(asProto);
      expect(readJson(Buffer.from(asJson))).toEqual(proto);
      expect(proto.rows.map((row) => row.text)).toEqual(given.flatMap((stream) => stream.entries.map((e) => e.line)));
      expect(proto.tally.received).toBe(proto.tally.accepted);
    }),
  );
});

describe('labels of the protobuf form', () => {
  it.each([
    ['{}', []],
    ['{a="b"}', [['a', 'b']]],
    [
      '{ a = "b" , c="d", }',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['{a="\\n\\t\\\\\\"\\x41\\101\\u20ac\\U0001F600"}', [['a', '\n\t\\"AA€😀']]],
    ['{a=`raw \\n "text"`}', [['a', 'raw \\n "text"']]],
    [
      '{a="}",b=",="}',
      [
        ['a', '}'],
        ['b', ',='],
      ],
    ],
  ])('%s', (text, labels) => {
    expect(parseLabels(text)).toEqual(labels);
  });

  it.each([
    '',
    '{',
    '}',
    'a="b"',
    '{a}',
    '{a=b}',
    '{a="b}',
    '{a="b"c="d"}',
    '{a="b"} x',
    '{a="\\q"}',
    '{a="\\ud800"}',
    '{a="\\U00110000"}',
    '{="b"}',
    '{a="b",,}',
    '{a="\n"}',
    '{a=`b}',
  ])('%s is refused', (text) => {
    expect(() => parseLabels(text)).toThrow(KybernError);
  });

  it('any value survives its quoting', () => {
    fc.assert(
      fc.property(labelNames, values, (name, value) => {
        expect(parseLabels(`{${name}=${quote(value)}}`)).toEqual([[name, value]]);
      }),
    );
  });

  it('takes time in proportion to its length', () => {
    const long = `{${Array.from({ length: 50_000 }, (_, index) => `l${index}="${'\\\\'.repeat(20)}"`).join(',')}}`;
    const begin = performance.now();
    expect(parseLabels(long)).toHaveLength(50_000);
    for (const open of ['{a="', '{a=`', `{${' '.repeat(1_000_000)}`, `{a="${'\\\\'.repeat(500_000)}`]) {
      expect(() => parseLabels(open)).toThrow(KybernError);
    }
    expect(performance.now() - begin).toBeLessThan(2000);
  });
});

it('knows a stream by its tenant too', () => {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createPushDecoder(catalog, limits);
  const body = encodeProto('LokiPush', {
    streams: [{ labels: '{app="a"}', entries: [{ timestamp: { seconds: String(nowMs / 1000) }, line: 'x' }] }],
  });
  const other = { index: 1, name: 'other', labels: [['kybern.tenant', 'other']] as const };
  const seriesOf = (tenant: typeof defaultTenant) =>
    catalog.get(decoder.decode(body, nowMs, createTally(), tenant).series[0]);
  expect(labelValue(seriesOf(defaultTenant).labels, 'kybern.tenant')).toBeUndefined();
  expect(labelValue(seriesOf(other).labels, 'kybern.tenant')).toBe('other');
});

it('whatever bytes come: lines, or a coded error', () => {
  const { readProto, readJson } = decoders();
  const whole = encodeProto('LokiPush', {
    streams: [{ labels: '{app="a"}', entries: [{ timestamp: { seconds: '1' }, line: 'x' }] }],
  });
  const damaged = fc.tuple(fc.nat(whole.length - 1), fc.nat(255)).map(([at, byte]) => {
    const bytes = Uint8Array.from(whole);
    bytes[at] = byte;
    return bytes;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), damaged), fc.json(), (bytes, json) => {
      for (const read of [() => readProto(bytes), () => readJson(bytes), () => readJson(Buffer.from(json))]) {
        try {
          const { tally } = read();
          expect(tally.received).toBeGreaterThanOrEqual(tally.accepted);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }
    }),
  );
});

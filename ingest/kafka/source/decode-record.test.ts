import { describe, expect, test } from 'vitest';
import { createSeriesCatalog } from '../../catalog/series-catalog.ts';
import { defaultTenant } from '../../intake/tenant.ts';
import { ingestConfig } from '../../testing/ingest-config.ts';
import { createMemoryTopic } from '../../testing/memory-topic.ts';
import { encodeProto } from '../../testing/otlp-protos.ts';
import { undecodableHeader } from '../client/undecodable-batch.ts';
import type { KafkaTopic } from '../config.ts';
import { createRecordDecoder } from './decode-record.ts';
import { detectFormat, signalOfTopic } from './detect-format.ts';

const nowMs = Date.UTC(2026, 10, 25, 12);
const timeUnixNano = `${nowMs}000000`;
const metrics = {
  resourceMetrics: [
    { scopeMetrics: [{ metrics: [{ name: 'queue', gauge: { dataPoints: [{ timeUnixNano, asDouble: 5 }] } }] }] },
  ],
};
const logs = {
  resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano, body: { stringValue: 'a line' } }] }] }],
};
const event = { specversion: '1.0', id: '1', source: '/shop', type: 'dev.cdevents.service.deployed.0.2.0' };

function decode(
  value: Uint8Array | string | null,
  settings: Partial<KafkaTopic> = {},
  headers: Readonly<Record<string, string>> = {},
) {
  const { limits } = ingestConfig({ bodyBytes: 10_000 });
  const topic: KafkaTopic = { topic: 'otlp_metrics', format: 'auto', signal: 'auto', ...settings };
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const message = {
    key: null,
    value: value === null ? null : Buffer.from(value),
    timestamp: String(nowMs),
    attributes: 0,
    offset: '0',
    headers: { ...headers },
  };
  const record = { topic: topic.topic, partition: 0, message };
  const decoded = createRecordDecoder([topic], catalog, limits)(record, nowMs, defaultTenant);
  if (decoded.kind !== 'items') return decoded.kind;
  return { signal: decoded.signal, received: decoded.tally.received, accepted: decoded.tally.accepted };
}

const coded = (code: string) => expect.objectContaining({ code });
const one = (signal: string) => ({ signal, received: 1, accepted: 1 });

describe('a record', () => {
  test.each<[string, Uint8Array | string, Partial<KafkaTopic>, Record<string, string>, string]>([
    ['OTLP metrics in protobuf', encodeProto('MetricsRequest', metrics), {}, {}, 'metrics'],
    ['OTLP metrics in JSON', JSON.stringify(metrics), {}, {}, 'metrics'],
    ['OTLP logs in JSON', JSON.stringify(logs), { topic: 'otlp_logs' }, {}, 'logs'],
    [
      'OTLP logs where the topic is told',
      JSON.stringify(logs),
      { topic: 'x', format: 'otlp_json', signal: 'logs' },
      {},
      'logs',
    ],
    ['metrics in plain JSON', '{"name": "queue", "value": 5}', { topic: 'x' }, {}, 'metrics'],
    [
      'a CloudEvent, structured',
      JSON.stringify(event),
      { topic: 'x' },
      { 'content-type': 'application/cloudevents+json' },
      'events',
    ],
    [
      'a CloudEvent, binary',
      '{}',
      { topic: 'x' },
      Object.fromEntries(Object.entries(event).map(([name, value]) => [`ce_${name}`, value])),
      'events',
    ],
  ])('of %s is told by what it is', (_name, value, settings, headers, signal) => {
    expect(decode(value, settings, headers)).toEqual(one(signal));
  });

  test('without a value is a tombstone, whatever its format', () => {
    for (const format of ['auto', 'otlp_proto', 'cloudevents', 'json_metrics'] as const) {
      expect(decode(null, { format })).toBe('tombstone');
    }
  });

  test('of nothing is empty OTLP', () => {
    expect(decode('', { format: 'otlp_proto' })).toEqual({ signal: 'metrics', received: 0, accepted: 0 });
    expect(decode(' {} ', { format: 'otlp_json' })).toEqual({ signal: 'metrics', received: 0, accepted: 0 });
  });

  test.each<[string, string, Partial<KafkaTopic>, string]>([
    ['JSON on a topic of protobuf', JSON.stringify(metrics), { format: 'otlp_proto' }, 'KYBERN_BODY_UNREADABLE'],
    ['JSON that is not OTLP', '{"name": "queue", "value": 5}', { format: 'otlp_json' }, 'KYBERN_BODY_UNREADABLE'],
    ['text', 'not telemetry', {}, 'KYBERN_BODY_UNREADABLE'],
    ['OTLP of nobody knows what', 'not telemetry', { topic: 'x' }, 'KYBERN_CONTENT_TYPE'],
    ['no event', '{"id": "1"}', { format: 'cloudevents' }, 'KYBERN_BODY_UNREADABLE'],
    ['too much', 'x'.repeat(10_001), {}, 'KYBERN_BODY_TOO_LARGE'],
    ['deep', `{"resourceMetrics":${'['.repeat(5000)}`, {}, 'KYBERN_NESTING'],
  ])('of %s is refused', (_name, value, settings, code) => {
    expect(() => decode(value, settings)).toThrow(coded(code));
  });

  test('that stands for a batch nobody can read is refused with the reason, the rest of its batch passed', () => {
    const headers = { [undecodableHeader]: 'codec 5: unknown' };
    expect(() => decode('compressed', {}, headers)).toThrow(coded('KYBERN_CONTENT_ENCODING'));
    expect(decode(null, {}, headers)).toBe('undecodable-rest');
  });

  test('of OTLP needs a topic that tells what it holds: told at the start', () => {
    expect(() => decode('', { topic: 'telemetry', format: 'otlp_proto' })).toThrow(coded('KYBERN_CONFIG'));
  });
});

test.each([
  ['otlp_metrics', 'metrics'],
  ['otlp_logs', 'logs'],
  ['otlp_spans', 'traces'],
  ['prod.Traces', 'traces'],
  ['orders', undefined],
])('topic %s holds %s', (topic, signal) => {
  expect(signalOfTopic(topic)).toBe(signal);
});

test('OTLP in protobuf whose first resource is as long as a bracket is a number is not taken for JSON', () => {
  // Tag 0x0a, then a length of 0x7b: '\n{' to whoever looks at bytes alone.
  const value = Buffer.concat([Buffer.from([0x0a, 0x7b, 0x0a, 0x02]), Buffer.alloc(0x79)]);
  const message = { key: null, value, timestamp: '0', attributes: 0, offset: '0' };
  expect(detectFormat({ ...message, headers: {} }, value)).toBe('otlp_proto');
});

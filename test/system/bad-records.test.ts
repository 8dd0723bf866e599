import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { attributes, encodeProto } from '../../ingest/testing/otlp-protos.ts';
import { createRecordReader } from '../../ingest/testing/read-record.ts';
import { goodEvent, goodMetrics } from '../support/bad-inputs/doors.ts';

// What cannot be taken goes to the dead-letter topic with its code (ingest/kafka/source tells how); a batch whose codec is
// broken never comes this far. Here: what each record is read as, as it lies in a partition.
const topics = [
  { topic: 'otlp_metrics', format: 'auto', signal: 'auto' },
  { topic: 'proto', format: 'otlp_proto', signal: 'metrics' },
  { topic: 'json', format: 'otlp_json', signal: 'metrics' },
  { topic: 'json_metrics', format: 'json_metrics', signal: 'auto' },
  { topic: 'events', format: 'cloudevents', signal: 'auto' },
] as const;
const read = createRecordReader(topics, { bodyBytes: 8 * 2 ** 20 });

const proto = Buffer.from(encodeProto('MetricsRequest', goodMetrics()));
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const logs = { resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] };
const large = Buffer.alloc(50_000_000, ' ');
const event = goodEvent();
const binary = { ce_specversion: '1.0', ce_id: '1', ce_source: '/s', ce_type: 't' };
const bomb = Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`h${at}`, Buffer.alloc(100)]));
const year = 365 * 86_400_000;
const sample = { name: 'm', value: 1, timestamp: Date.now() };

/** What, in which topic, its value, what it is read as, its headers. */
type Row = readonly [string, string, Buffer | null, string, Readonly<Record<string, string | Buffer>>?];

const rows: readonly Row[] = [
  ['B18 a good record', 'otlp_metrics', proto, '1 kept'],
  ['B18 no value: a tombstone', 'otlp_metrics', null, 'tombstone'],
  ['B18 no value, of events: a tombstone', 'events', null, 'tombstone', binary],
  ['B18 a value of nothing', 'proto', Buffer.alloc(0), '0 kept'],
  ['B18 50 MB', 'proto', large, 'KYBERN_BODY_TOO_LARGE'],
  ['B18 50 MB of JSON', 'json_metrics', large, 'KYBERN_BODY_TOO_LARGE'],
  ['B18 10,000 headers', 'otlp_metrics', proto, '1 kept', bomb],
  ['B18 JSON where protobuf is configured', 'proto', json(goodMetrics()), 'KYBERN_BODY_UNREADABLE'],
  ['B18 JSON where the format is found out', 'otlp_metrics', json(goodMetrics()), '1 kept'],
  ['B18 protobuf where JSON is configured', 'json', proto, 'KYBERN_BODY_UNREADABLE'],
  ['B18 logs where metrics are configured', 'json', json(logs), 'KYBERN_BODY_UNREADABLE'],
  ['B18 a topic that nobody configured', 'elsewhere', proto, 'KYBERN_CONTENT_TYPE'],
  ['B18 truncated', 'proto', proto.subarray(0, -3), 'KYBERN_BODY_UNREADABLE'],
  ['B18 random bytes', 'proto', Buffer.from('0fffffffffffffff', 'hex'), 'KYBERN_BODY_UNREADABLE'],
  ['B18 gzip within the value', 'proto', gzipSync(proto), 'KYBERN_BODY_UNREADABLE'],
  ['B5 200,000 deep', 'json', Buffer.from('{"a":'.repeat(200_000)), 'KYBERN_NESTING'],
  ['B5 200,000 deep', 'json_metrics', Buffer.from('['.repeat(200_000)), 'KYBERN_NESTING'],
  [
    'B5 not UTF-8',
    'json_metrics',
    Buffer.from('7b226e616d65223a22ff222c2276616c7565223a317d', 'hex'),
    'KYBERN_BODY_UNREADABLE',
  ],
  [
    'B7 500 labels',
    'json_metrics',
    json({ ...sample, labels: Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`l${at}`, 'x'])) }),
    '0 kept, 1 rejected',
  ],
  [
    'B7 names of prototypes',
    'json_metrics',
    Buffer.from(`{"name":"m","value":1,"timestamp":${sample.timestamp},"labels":{"__proto__":"x"}}`),
    '1 kept',
  ],
  ['B8 a year ahead', 'json_metrics', json({ ...sample, timestamp: Date.now() + year }), '0 kept, 1 rejected'],
  ['B8 a text as its value', 'json_metrics', json({ ...sample, value: 'much' }), 'KYBERN_BODY_UNREADABLE'],
  [
    'B7 an attribute of 1 MB',
    'proto',
    Buffer.from(encodeProto('MetricsRequest', goodMetrics({ attributes: attributes({ a: 'x'.repeat(1e6) }) }))),
    '0 kept, 1 rejected',
  ],
  ['B16 an event in binary mode', 'events', json({ app: 'a' }), '1 kept', binary],
  [
    'B16 an event in structured mode',
    'events',
    json(event),
    '1 kept',
    { 'content-type': 'application/cloudevents+json' },
  ],
  ['B16 an event without its type', 'events', json(event), 'KYBERN_BODY_UNREADABLE'],
  [
    'B16 events of another format',
    'events',
    json(event),
    'KYBERN_CONTENT_TYPE',
    { 'content-type': 'application/cloudevents+avro' },
  ],
];

test.each(rows.map(([what, topic, value, expected, headers]) => ({ what, topic, value, expected, headers })))(
  '$what (topic $topic)',
  ({ topic, value, expected, headers = {} }) => {
    const startMs = performance.now();
    expect(read(topic, { value, headers })).toBe(expected);
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  },
);

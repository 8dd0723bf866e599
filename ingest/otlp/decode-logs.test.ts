import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError, type LogBatch, textAt } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { expectedLabels, givenAttributes, keyValues, moments } from '../testing/otlp-arbitraries.ts';
import { attributes, encodeProto } from '../testing/otlp-protos.ts';
import { createLogsDecoder } from './decode-logs.ts';

function decoderOf(limits = ingestConfig().limits) {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createLogsDecoder(catalog, limits);
  const decodeBytes = (bytes: Uint8Array) => {
    const tally = createTally();
    return { batch: decoder.decode(bytes, nowMs, tally, defaultTenant), tally };
  };
  return { catalog, decodeBytes, decode: (request: object) => decodeBytes(encodeProto('LogsRequest', request)) };
}

const hex = (column: Uint8Array, row: number, width: number) =>
  Buffer.from(column.subarray(row * width, (row + 1) * width)).toString('hex');

function rowsOf(batch: LogBatch, labelsOf: (series: number) => unknown) {
  return Array.from({ length: batch.count }, (_, row) => ({
    labels: labelsOf(batch.series[row]),
    atMs: batch.timesMs[row] - nowMs,
    severity: batch.severities[row],
    body: textAt(batch.bodies, row),
    traceId: hex(batch.traceIds, row, 16),
    spanId: hex(batch.spanIds, row, 8),
  }));
}

const idOf = (width: number) =>
  fc.option(fc.uint8Array({ minLength: width, maxLength: width }), { nil: new Uint8Array(0) });
const records = fc.array(
  fc.record({
    at: moments,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    body: fc.string({ unit: 'grapheme' }),
    traceId: idOf(16),
    spanId: idOf(8),
    own: givenAttributes,
  }),
  { maxLength: 5 },
);
const requests = fc.array(fc.record({ resource: givenAttributes, records }), { maxLength: 3 });
const requestOf = (given: typeof requests extends fc.Arbitrary<infer T> ? T : never) => ({
  resourceLogs: given.map(({ resource, records: logRecords }) => ({
    resource: { attributes: keyValues(resource) },
    scopeLogs: [
      {
        logRecords: logRecords.map(({ at, body, own, ...record }) => ({
          ...record,
          timeUnixNano: at.nanos,
          body: { stringValue: body },
          attributes: keyValues(own),
        })),
      },
    ],
  })),
});

describe('logs of OTLP', () => {
  test('become rows: stream of the resource, time, severity, body, ids', () => {
    const { decode, catalog } = decoderOf();
    fc.assert(
      fc.property(requests, (given) => {
        const { batch, tally } = decode(requestOf(given));
        const expected = given.flatMap(({ resource, records: logRecords }) =>
          logRecords.map(({ at, severityNumber, body, traceId, spanId }) => ({
            labels: expectedLabels(resource, []),
            atMs: at.ms,
            severity: severityNumber,
            body,
            traceId: Buffer.from(traceId).toString('hex').padEnd(32, '0'),
            spanId: Buffer.from(spanId).toString('hex').padEnd(16, '0'),
          })),
        );
        expect(rowsOf(batch, (series) => catalog.get(series).labels)).toEqual(expected);
        expect(tally.accepted).toBe(expected.length);
      }),
      { numRuns: 200 },
    );
  });

  test('damaged anywhere are refused with a coded error or read as something, never a crash', () => {
    const { decodeBytes } = decoderOf();
    fc.assert(
      fc.property(requests, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = encodeProto('LogsRequest', requestOf(given)).slice();
        if (bytes.length > 0) bytes[at % bytes.length] ^= change;
        try {
          decodeBytes(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 500 },
    );
  });

  const one = (record: object, resource: object = {}) => ({
    resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record] }] }],
  });
  const bodyOf = ({ batch }: { batch: LogBatch }) => textAt(batch.bodies, 0);

  test('have the severity that their level names where they give no number', () => {
    const { decode } = decoderOf();
    const severityOf = (record: object) => decode(one({ ...record, body: { stringValue: 'x' } })).batch.severities[0];
    const names = ['ERROR', 'warn', 'Information', 'fatal', 'odd', ''];
    expect(names.map((severityText) => severityOf({ severityText }))).toEqual([17, 13, 9, 21, 0, 0]);
    expect(severityOf({ severityText: 'ERROR', severityNumber: 9 })).toBe(9);
  });
  const time = { timeUnixNano: nanos() };

  test.each([
    ['a map', { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } }, '{"a":1}'],
    ['a number', { doubleValue: 1.5 }, '1.5'],
    ['nothing', {}, ''],
    ['CRLF and ANSI', { stringValue: 'a\r\n\u001b[31mb' }, 'a\r\n\u001b[31mb'],
    ['a lookup of Log4j', { stringValue: '$' + '{jndi:ldap://x}' }, '$' + '{jndi:ldap://x}'],
  ])('B12 a body of %s is kept as text', (_what, body, text) => {
    expect(bodyOf(decoderOf().decode(one({ ...time, body })))).toBe(text);
  });

  test('B12 a line of 10 MB is cut between two characters, and counted', () => {
    const { batch, tally } = decoderOf().decode(one({ ...time, body: { stringValue: `a${'é'.repeat(5_000_000)}` } }));
    expect(textAt(batch.bodies, 0)).toBe(`a${'é'.repeat(131_071)}`);
    expect(tally).toMatchObject({ received: 1, accepted: 1, truncated: 1 });
  });

  test('B12 bytes that are not UTF-8 are replaced', () => {
    const bytes = Buffer.from(encodeProto('LogsRequest', one({ ...time, body: { stringValue: 'a~~b' } })));
    bytes.fill(0xff, bytes.indexOf('~~'), bytes.indexOf('~~') + 2);
    expect(bodyOf(decoderOf().decodeBytes(bytes))).toBe('a\ufffd\ufffdb');
  });

  test('a record without a time has its observed time, or now', () => {
    const { decode } = decoderOf();
    expect(decode(one({ observedTimeUnixNano: nanos(-5) })).batch.timesMs[0]).toBe(nowMs - 5);
    expect(decode(one({})).batch.timesMs[0]).toBe(nowMs);
  });

  test.each([
    ['from the future', time, one({ timeUnixNano: nanos(700_000) }), 'future'],
    [
      'under a resource with too many attributes',
      time,
      one(time, { attributes: attributes(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`k${n}`, 'v']))) }),
      'labels',
    ],
  ] as const)('%s: rejected', (_what, _time, request, reason) => {
    const { batch, tally } = decoderOf().decode(request);
    expect(batch.count).toBe(0);
    expect(tally).toMatchObject({ received: 1, accepted: 0, rejected: { [reason]: 1 } });
  });

  test('the stream of a pod is about that pod', () => {
    const { decode, catalog } = decoderOf();
    decode(one(time, { attributes: attributes({ 'k8s.namespace.name': 'shop', 'k8s.pod.name': 'cart-1' }) }));
    expect(catalog.get(0)).toMatchObject({ name: 'log', kind: 'logs', entity: { kind: 'pod', name: 'cart-1' } });
  });
});

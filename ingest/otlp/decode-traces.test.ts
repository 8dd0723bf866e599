import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { expectedLabels, givenAttributes, keyValues, moments } from '../testing/otlp-arbitraries.ts';
import { attributes, encodeProto } from '../testing/otlp-protos.ts';
import { createTracesDecoder } from './decode-traces.ts';

function decoderOf(limits = ingestConfig().limits) {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createTracesDecoder(catalog, limits);
  const decodeBytes = (bytes: Uint8Array) => {
    const tally = createTally();
    return { batch: decoder.decode(bytes, nowMs, tally, defaultTenant), tally };
  };
  return { catalog, decodeBytes, decode: (request: object) => decodeBytes(encodeProto('TracesRequest', request)) };
}

const kindNames = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const idOf = (width: number) =>
  fc.uint8Array({ minLength: width, maxLength: width }).filter((id) => id.some((byte) => byte !== 0));
const peers = fc.option(fc.constantFrom('peer.service', 'server.address'), { nil: undefined });
const spans = fc.array(
  fc.record({
    at: moments,
    nanoseconds: fc.nat(2_000_000_000),
    name: fc.constantFrom('GET /cart', 'SELECT', 'größe'),
    kind: fc.nat(5),
    code: fc.nat(2),
    traceId: idOf(16),
    spanId: idOf(8),
    parentSpanId: fc.option(idOf(8), { nil: new Uint8Array(0) }),
    peer: peers,
    own: givenAttributes,
  }),
  { maxLength: 5 },
);
const requests = fc.array(fc.record({ resource: givenAttributes, spans }), { maxLength: 3 });
type Given = typeof requests extends fc.Arbitrary<infer T> ? T : never;

function requestOf(given: Given): object {
  return {
    resourceSpans: given.map(({ resource, spans: list }) => ({
      resource: { attributes: keyValues(resource) },
      scopeSpans: [
        {
          spans: list.map(({ at, nanoseconds, code, peer, own, ...span }) => ({
            ...span,
            startTimeUnixNano: at.nanos,
            endTimeUnixNano: String(BigInt(at.nanos) + BigInt(nanoseconds)),
            status: { code },
            attributes: [...keyValues(own), ...(peer === undefined ? [] : attributes({ [peer]: 'db' }))],
          })),
        },
      ],
    })),
  };
}

const hex = (column: Uint8Array, row: number, width: number) =>
  Buffer.from(column.subarray(row * width, (row + 1) * width)).toString('hex');

describe('traces of OTLP', () => {
  test('become rows: stream of resource, name, kind and peer; start, duration, status, ids', () => {
    const { decode, catalog } = decoderOf();
    fc.assert(
      fc.property(requests, (given) => {
        const { batch, tally } = decode(requestOf(given));
        const rows = Array.from({ length: batch.count }, (_, row) => ({
          name: catalog.get(batch.series[row]).name,
          labels: catalog.get(batch.series[row]).labels,
          atMs: batch.startsMs[row] - nowMs,
          durationMs: batch.durationsMs[row],
          kind: batch.kinds[row],
          status: batch.statuses[row],
          ids: [hex(batch.traceIds, row, 16), hex(batch.spanIds, row, 8), hex(batch.parentIds, row, 8)],
        }));
        const expected = given.flatMap(({ resource, spans: list }) =>
          list.map(({ at, nanoseconds, name, kind, code, peer, traceId, spanId, parentSpanId }) => ({
            name,
            labels: expectedLabels(
              resource,
              [],
              [['span.kind', kindNames[kind]], ...(kind === 3 && peer !== undefined ? [[peer, 'db'] as const] : [])],
            ),
            atMs: at.ms,
            durationMs: nanoseconds / 1e6,
            kind,
            status: code,
            ids: [
              Buffer.from(traceId).toString('hex'),
              Buffer.from(spanId).toString('hex'),
              Buffer.from(parentSpanId).toString('hex').padEnd(16, '0'),
            ],
          })),
        );
        expect(rows).toEqual(expected);
        expect(tally.accepted).toBe(expected.length);
      }),
      { numRuns: 200 },
    );
  });

  test('damaged anywhere are refused with a coded error or read as something, never a crash', () => {
    const { decodeBytes } = decoderOf();
    fc.assert(
      fc.property(requests, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = encodeProto('TracesRequest', requestOf(given)).slice();
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

  const good = {
    traceId: Buffer.alloc(16, 1),
    spanId: Buffer.alloc(8, 2),
    name: 'GET /',
    startTimeUnixNano: nanos(),
    endTimeUnixNano: nanos(5),
  };
  const one = (span: object) => ({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...good, ...span }, good] }] }] });
  test.each([
    ['a trace id of zeros', { traceId: Buffer.alloc(16) }, 'invalid'],
    ['no span id', { spanId: Buffer.alloc(0) }, 'invalid'],
    ['a trace id of 8 bytes', { traceId: Buffer.alloc(8, 1) }, 'invalid'],
    ['an end before its start', { endTimeUnixNano: nanos(-5) }, 'time'],
    ['no start', { startTimeUnixNano: 0 }, 'time'],
    ['a start in the future', { startTimeUnixNano: nanos(700_000), endTimeUnixNano: nanos(700_001) }, 'future'],
    ['a name of 1 MB', { name: 'x'.repeat(1_000_000) }, 'labels'],
  ] as const)('B11 a span with %s: rejected, the other is kept', (_what, span, reason) => {
    const { batch, tally } = decoderOf().decode(one(span));
    expect(batch.count).toBe(1);
    expect(tally).toMatchObject({ received: 2, accepted: 1, rejected: { [reason]: 1 } });
  });

  test('a span without a name, and one that is its own parent, are kept', () => {
    const { decode, catalog } = decoderOf();
    expect(decode(one({ name: '', parentSpanId: good.spanId })).batch.count).toBe(2);
    expect(catalog.get(0).name).toBe('unnamed');
  });

  test('starts keep their fraction of a millisecond', () => {
    const start = String(BigInt(nanos()) + 250_000n);
    const { batch } = decoderOf().decode(one({ startTimeUnixNano: start }));
    expect(batch.startsMs[0] - nowMs).toBeCloseTo(0.25, 3);
    expect(batch.durationsMs[0]).toBe(4.75);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { encodeProto } from '../testing/otlp-protos.ts';
import { createWriteRequestDecoder } from './decode-write-request.ts';

function decoderOf() {
  const limits = ingestConfig().limits;
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createWriteRequestDecoder({ catalog, limits, window: createSampleWindow(limits) });
  return {
    catalog,
    decode(bytes: Uint8Array) {
      const tally = createTally();
      return { batch: decoder.decode(bytes, nowMs, tally, defaultTenant), tally };
    },
  };
}

const names = fc.constantFrom('up', 'http_requests_total', 'request_seconds_bucket', 'größe');
const labels = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('job', 'instance', 'pod', 'le', 'zone', '__proto__'),
    value: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 10 }),
  }),
  { selector: (label) => label.name },
);
const samples = fc.array(
  fc.record({
    value: fc.double({ noNaN: true, noDefaultInfinity: true }),
    timestamp: fc.integer({ min: -1e9, max: 600_000 }).map((offset) => nowMs + offset),
  }),
  { maxLength: 3 },
);
const requests = fc.array(fc.record({ name: names, labels, samples }), { maxLength: 6 });
type Given = typeof requests extends fc.Arbitrary<infer T> ? T : never;

const encode = (given: Given) =>
  encodeProto('WriteRequest', {
    timeseries: given.map((series) => ({
      labels: [{ name: '__name__', value: series.name }, ...series.labels],
      samples: series.samples,
    })),
  });

describe('a WriteRequest', () => {
  test('becomes the samples that it says, the first time and once its series are known', () => {
    const { decode, catalog } = decoderOf();
    fc.assert(
      fc.property(requests, (given) => {
        const expected = given.flatMap((series) =>
          series.samples.map(({ value, timestamp }) => ({
            name: series.name,
            labels: series.labels.map((label) => [label.name, label.value]).sort(([a], [b]) => (a < b ? -1 : 1)),
            value,
            timestamp,
          })),
        );
        for (const _time of ['first', 'again']) {
          const { batch, tally } = decode(encode(given));
          const rows = Array.from({ length: batch.count }, (_, row) => ({
            name: catalog.get(batch.series[row]).name,
            labels: catalog.get(batch.series[row]).labels,
            value: batch.values[row],
            timestamp: batch.timesMs[row],
          }));
          expect(rows).toEqual(expected);
          expect(tally.accepted).toBe(tally.received);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('damaged anywhere is refused with a coded error or read as something, never a crash', () => {
    const { decode } = decoderOf();
    fc.assert(
      fc.property(requests, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = encode(given).slice();
        if (bytes.length > 0) bytes[at % bytes.length] ^= change;
        try {
          const { batch, tally } = decode(bytes);
          for (const value of batch.values) expect(Number.isFinite(value)).toBe(true);
          expect(batch.count).toBe(tally.accepted);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('whose labels stand behind the samples is read all the same, and not taken for another series', () => {
    const { decode, catalog } = decoderOf();
    const field = (number: number, bytes: Uint8Array) =>
      Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
    const label = (name: string, value: string) => field(1, encodeProto('Label', { name, value }));
    const sample = field(2, encodeProto('Sample', { value: 1, timestamp: nowMs }));
    const series = (pod: string) => field(1, Buffer.concat([label('__name__', 'up'), sample, label('pod', pod)]));
    const { batch } = decode(Buffer.concat([series('a'), series('b')]));
    expect([...batch.series].map((id) => catalog.get(id).labels)).toEqual([[['pod', 'a']], [['pod', 'b']]]);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nowMs } from '../testing/door.ts';
import { remoteWriteFuzzTargets } from '../testing/fuzz-remote-write.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { givenSeries } from '../testing/write-arbitraries.ts';
import { decodeWrite, encodeWrite, type GivenSeries, request2 } from '../testing/write-protos.ts';
import { createRequest2Decoder } from './decode-request-2.ts';
import { createWriteRequestDecoder } from './decode-write-request.ts';

/** What the oracle reads, as both versions have it. */
interface Read {
  readonly labels: readonly (readonly [string, string])[];
  readonly samples: readonly { value: number; timestamp: number }[];
  readonly histograms: readonly OracleHistogram[];
  readonly exemplars: readonly unknown[];
}

interface OracleHistogram {
  readonly countInt?: number;
  readonly countFloat?: number;
  readonly sum: number;
  readonly schema: number;
  readonly timestamp: number;
  readonly positiveDeltas: readonly number[];
  readonly customValues: readonly number[];
  readonly positiveSpans: readonly { readonly offset: number; readonly length: number }[];
  readonly positiveCounts: readonly number[];
}

function request1(series: readonly GivenSeries[]): object {
  const pairs = (given: GivenSeries['labels']) =>
    (Array.isArray(given) ? given : Object.entries(given)).map(([name, value]) => ({ name, value }));
  return {
    timeseries: series.map(({ labels, samples = [], histograms = [], exemplars = [] }) => ({
      labels: pairs(labels),
      samples,
      histograms,
      exemplars: exemplars.map(({ labels: own = {}, ...rest }) => ({ labels: pairs(own), ...rest })),
    })),
  };
}

const versions = [
  {
    version: 1,
    create: createWriteRequestDecoder,
    encode: (given: readonly GivenSeries[]) => encodeWrite(1, request1(given)),
    read(bytes: Uint8Array): Read[] {
      const { timeseries } = decodeWrite(1, bytes) as {
        timeseries: (Omit<Read, 'labels'> & { labels: { name: string; value: string }[] })[];
      };
      return timeseries.map((series) => ({
        ...series,
        labels: series.labels.map(({ name, value }) => [name, value] as const),
      }));
    },
  },
  {
    version: 2,
    create: createRequest2Decoder,
    encode: (given: readonly GivenSeries[]) => encodeWrite(2, request2(given)),
    read(bytes: Uint8Array): Read[] {
      const { symbols, timeseries } = decodeWrite(2, bytes) as {
        symbols: string[];
        timeseries: (Omit<Read, 'labels'> & { labelsRefs: number[] })[];
      };
      return timeseries.map((series) => ({
        ...series,
        labels: Array.from(
          { length: series.labelsRefs.length / 2 },
          (_, at) => [symbols[series.labelsRefs[at * 2]], symbols[series.labelsRefs[at * 2 + 1]]] as const,
        ),
      }));
    },
  },
] as const;

type Row = readonly [series: string, value: number, timeMs: number];

const seriesText = (name: string, labels: readonly (readonly [string, string])[]) =>
  JSON.stringify([name, [...labels].sort(([a], [b]) => (a < b ? -1 : 1))]);

function expectedRows(read: readonly Read[]): Row[] {
  return read.flatMap(({ labels, samples, histograms }) => {
    const own = labels.filter(([label]) => label !== '__name__');
    const name = labels.find(([label]) => label === '__name__')?.[1] ?? '';
    const plain = samples.map(({ value, timestamp }): Row => [seriesText(name, own), value, timestamp]);
    return [...plain, ...histograms.flatMap((histogram) => histogramRows(name, own, histogram))];
  });
}

function histogramRows(name: string, own: readonly (readonly [string, string])[], given: OracleHistogram): Row[] {
  const at = given.timestamp;
  const rows: Row[] = [
    [seriesText(`${name}_count`, own), given.countInt ?? given.countFloat ?? 0, at],
    [seriesText(`${name}_sum`, own), given.sum, at],
  ];
  if (given.schema !== -53) return [...rows, ...exponentialRows(name, own, given)];
  let count = 0;
  let cumulative = 0;
  for (const [bucket, delta] of given.positiveDeltas.entries()) {
    count += delta;
    cumulative += count;
    const le = String(given.customValues[bucket] ?? '+Inf');
    rows.push([seriesText(`${name}_bucket`, [...own, ['le', le]]), cumulative, at]);
  }
  return rows;
}

/** Buckets two to a doubling or fewer, up to 39 bounds and one for all; what is not in a positive bucket is below them. */
function exponentialRows(name: string, own: readonly (readonly [string, string])[], given: OracleHistogram): Row[] {
  let index = 0;
  let last = 0;
  let bucket = 0;
  const held: { at: number; count: number }[] = [];
  for (const { offset, length } of given.positiveSpans) {
    index += offset;
    for (let left = length; left > 0; left -= 1) {
      last = given.positiveCounts.length > 0 ? given.positiveCounts[bucket] : last + given.positiveDeltas[bucket];
      bucket += 1;
      if (last > 0) held.push({ at: index, count: last });
      index += 1;
    }
  }
  if (held.length === 0) return [];
  const total = given.countInt ?? given.countFloat ?? 0;
  const above = (from: number): number => held.reduce((sum, { at, count }) => sum + (at > from ? count : 0), 0);
  for (let schema = Math.min(1, given.schema); ; schema -= 1) {
    const merged = 2 ** (given.schema - schema);
    const [low, high] = [held[0].at, held[held.length - 1].at].map((at) => Math.ceil(at / merged));
    if (high - low + 2 > 39) continue;
    const exponents = Array.from({ length: high - low + 2 }, (_, at) => low - 1 + at);
    const bounds = exponents.map((at) => ({ le: 2 ** (at / 2 ** schema), count: total - above(at * merged) }));
    const told = [...bounds.filter(({ le }) => le > 0 && Number.isFinite(le)), { le: '+Inf', count: total }];
    return told.map(({ le, count }) => [
      seriesText(`${name}_bucket`, [...own, ['le', String(le)]]),
      count,
      given.timestamp,
    ]);
  }
}

describe.each(versions)('remote-write $version.0', ({ version, create, encode, read }) => {
  const { limits } = ingestConfig();

  test('is read as the generated decoder reads it, the first time and once its series are known', () => {
    const catalog = createSeriesCatalog(createMemoryTopic(), limits);
    const window = createSampleWindow(limits);
    const decoder = create({ catalog, limits, window });
    fc.assert(
      fc.property(givenSeries, (given) => {
        const bytes = encode(given);
        const oracle = read(bytes);
        for (const _time of ['first', 'again']) {
          const tally = createTally();
          const batch = decoder.decode(bytes, nowMs, tally, defaultTenant);
          const rows = Array.from({ length: batch.count }, (_, row): Row => {
            const { name, labels } = catalog.get(batch.series[row]);
            return [seriesText(name, labels), batch.values[row], batch.timesMs[row]];
          });
          expect(rows).toEqual(expectedRows(oracle));
          const items = oracle.reduce((sum, { samples, histograms }) => sum + samples.length + histograms.length, 0);
          expect([tally.received, tally.accepted]).toEqual([items, items]);
          expect(tally.exemplars.taken).toBe(oracle.reduce((sum, { exemplars }) => sum + exemplars.length, 0));
        }
      }),
      { numRuns: 150 },
    );
  });

  test('damaged in several places is refused with a coded error, or read as something that adds up', () => {
    const target = remoteWriteFuzzTargets()[`remote-write-${version}`];
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(givenSeries, damage, fc.nat(3), (given, changes, cut) => {
        const bytes = Buffer.from(encode(given));
        for (const [at, byte] of changes) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        target(bytes.subarray(0, Math.max(0, bytes.length - cut)));
      }),
      { numRuns: 1000 },
    );
  });

  test('any bytes at all are refused with a coded error, or read as something that adds up', () => {
    const target = remoteWriteFuzzTargets()[`remote-write-${version}`];
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), target), { numRuns: 1000 });
  });
});

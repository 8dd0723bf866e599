import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KybernError, type SampleBatch, type SeriesCatalog } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import {
  expectedLabels,
  type GivenAttribute,
  givenAttributes,
  keyValues,
  moments,
} from '../testing/otlp-arbitraries.ts';
import { attributes, encodeProto } from '../testing/otlp-protos.ts';
import { createWireWriter } from '../wire/wire-writer.ts';
import { createMetricsDecoder } from './decode-metrics.ts';
import { metricsRequest } from './json-schema.ts';
import { jsonToProtobuf } from './json-to-protobuf.ts';

interface Sample {
  readonly name: string;
  readonly kind: string;
  readonly labels: readonly (readonly [string, string])[];
  readonly value: number;
  readonly atMs: number;
}

function samplesOf(batch: SampleBatch, catalog: SeriesCatalog): Sample[] {
  return Array.from({ length: batch.count }, (_, row) => {
    const { name, kind, labels } = catalog.get(batch.series[row]);
    return { name, kind, labels, value: batch.values[row], atMs: batch.timesMs[row] - nowMs };
  });
}

function decoderOf(limits = ingestConfig().limits) {
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createMetricsDecoder(catalog, limits);
  return {
    catalog,
    decode(request: object) {
      const tally = createTally();
      const batch = decoder.decode(encodeProto('MetricsRequest', request), nowMs, tally, defaultTenant);
      return { samples: samplesOf(batch, catalog), tally };
    },
    decodeBytes: (bytes: Uint8Array) => decoder.decode(bytes, nowMs, createTally(), defaultTenant),
  };
}

/** A metric as the oracle encodes it, and the samples that a reader of the protocol would expect of it. */
interface Given {
  readonly metric: object;
  readonly expected: (resource: readonly GivenAttribute[]) => Sample[];
}

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const names = fc.constantFrom('http.server.duration', 'queue.depth', 'größe');
const numberPoint = fc.record({ at: moments, own: givenAttributes, value: fc.oneof(finite, fc.maxSafeInteger()) });

const numberMetric: fc.Arbitrary<Given> = fc
  .record({
    name: names,
    points: fc.array(numberPoint, { maxLength: 4 }),
    form: fc.constantFrom('gauge', 'counter', 'delta', 'upDown'),
    asInt: fc.boolean(),
  })
  .map(({ name, points, form, asInt }) => {
    const dataPoints = points.map(({ at, own, value }) => ({
      timeUnixNano: at.nanos,
      attributes: keyValues(own),
      ...(asInt && Number.isSafeInteger(value) ? { asInt: value } : { asDouble: value }),
    }));
    const sum = { dataPoints, aggregationTemporality: form === 'delta' ? 1 : 2, isMonotonic: form !== 'upDown' };
    return {
      metric: { name, ...(form === 'gauge' ? { gauge: { dataPoints } } : { sum }) },
      expected: (resource) =>
        points.map(({ at, own, value }) => ({
          name,
          kind: form === 'upDown' ? 'gauge' : form,
          labels: expectedLabels(resource, own),
          // An integer has no -0.
          value: asInt && Object.is(value, -0) ? 0 : value,
          atMs: at.ms,
        })),
    };
  });

const histogramMetric: fc.Arbitrary<Given> = fc
  .record({
    name: names,
    at: moments,
    own: givenAttributes,
    bounds: fc.uniqueArray(fc.integer({ min: -100, max: 100 }), { minLength: 1, maxLength: 5 }),
    counts: fc.array(fc.nat(1000), { minLength: 6, maxLength: 6 }),
    sum: fc.option(finite, { nil: undefined }),
    delta: fc.boolean(),
  })
  .map(({ name, at, own, bounds, counts, sum, delta }) => {
    const explicitBounds = bounds.toSorted((a, b) => a - b).map((bound) => bound / 4);
    const bucketCounts = counts.slice(0, explicitBounds.length + 1);
    const count = bucketCounts.reduce((total, bucket) => total + bucket, 0);
    const point = { timeUnixNano: at.nanos, attributes: keyValues(own), count, bucketCounts, explicitBounds };
    const dataPoints = [sum === undefined ? point : { ...point, sum }];
    const kind = delta ? 'delta' : 'counter';
    return {
      metric: { name, unit: 's', histogram: { dataPoints, aggregationTemporality: delta ? 1 : 2 } },
      expected: (resource) => {
        const base = { kind, labels: expectedLabels(resource, own), atMs: at.ms };
        const bucketSample = (value: number, part: number) => ({
          ...base,
          name: `${name}_bucket`,
          labels: expectedLabels(resource, own, [['le', part < bounds.length ? String(explicitBounds[part]) : '+Inf']]),
          value,
        });
        const cumulative = bucketCounts.map((_, part) => bucketCounts.slice(0, part + 1).reduce((a, b) => a + b, 0));
        return [
          { ...base, name: `${name}_count`, value: count },
          ...(sum === undefined ? [] : [{ ...base, name: `${name}_sum`, value: sum }]),
          ...cumulative.map(bucketSample),
        ];
      },
    };
  });

const otherMetric: fc.Arbitrary<Given> = fc
  .record({
    name: names,
    at: moments,
    own: givenAttributes,
    quantiles: fc.uniqueArray(fc.constantFrom(0, 0.5, 0.9, 0.99, 1), { maxLength: 3 }),
    value: finite,
    count: fc.nat(),
    exponential: fc.boolean(),
  })
  .map(({ name, at, own, quantiles, value, count, exponential }) => {
    const point = { timeUnixNano: at.nanos, attributes: keyValues(own), count, sum: value };
    const quantileValues = quantiles.map((quantile) => ({ quantile, value }));
    const metric = exponential
      ? { name, exponentialHistogram: { dataPoints: [{ ...point, scale: 3 }], aggregationTemporality: 2 } }
      : { name, summary: { dataPoints: [{ ...point, quantileValues }] } };
    return {
      metric,
      expected: (resource) => {
        const base = { kind: 'counter', labels: expectedLabels(resource, own), atMs: at.ms };
        return [
          { ...base, name: `${name}_count`, value: count },
          { ...base, name: `${name}_sum`, value },
          ...(exponential ? [] : quantiles).map((quantile) => ({
            ...base,
            kind: 'gauge',
            name,
            labels: expectedLabels(resource, own, [['quantile', String(quantile)]]),
            value,
          })),
        ];
      },
    };
  });

const resources = fc.array(
  fc.record({
    resource: givenAttributes,
    metrics: fc.array(fc.oneof(numberMetric, histogramMetric, otherMetric), { maxLength: 3 }),
  }),
  { maxLength: 3 },
);

function requestOf(given: readonly { resource: readonly GivenAttribute[]; metrics: readonly Given[] }[]): object {
  return {
    resourceMetrics: given.map(({ resource, metrics }) => ({
      resource: { attributes: keyValues(resource) },
      scopeMetrics: [{ scope: { name: 'lib' }, metrics: metrics.map(({ metric }) => metric) }],
    })),
  };
}

describe('metrics of OTLP', () => {
  test('become the samples that the protocol means, the first time and once their series are known', () => {
    const { decode } = decoderOf();
    fc.assert(
      fc.property(resources, (given) => {
        const expected = given.flatMap(({ resource, metrics }) =>
          metrics.flatMap((metric) => metric.expected(resource)),
        );
        for (const _time of ['first', 'again']) {
          const { samples, tally } = decode(requestOf(given));
          expect(samples).toEqual(expected);
          expect(tally.accepted).toBe(tally.received);
        }
      }),
      { numRuns: 300 },
    );
  });

  test('damaged anywhere are refused with a coded error or read as something, never a crash', () => {
    const { decodeBytes } = decoderOf();
    fc.assert(
      fc.property(resources, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, at, change) => {
        const bytes = encodeProto('MetricsRequest', requestOf(given)).slice();
        if (bytes.length > 0) bytes[at % bytes.length] ^= change;
        try {
          const batch = decodeBytes(bytes);
          for (const value of batch.values) expect(Number.isFinite(value)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('random bytes never crash the decoder', () => {
    const { decodeBytes } = decoderOf();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          decodeBytes(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

const gauge = (name: string, ...dataPoints: object[]) => ({ name, gauge: { dataPoints } });
const request = (...metrics: object[]) => ({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
const time = { timeUnixNano: nanos() };

test('a summary whose sum is not written has the sum 0, a histogram none', () => {
  const point = { ...time, count: 0 };
  const { samples } = decoderOf().decode(
    request(
      { name: 's', summary: { dataPoints: [point] } },
      { name: 'h', histogram: { dataPoints: [point], aggregationTemporality: 2 } },
    ),
  );
  expect(samples.map(({ name, value }) => [name, value])).toEqual([
    ['s_count', 0],
    ['s_sum', 0],
    ['h_count', 0],
  ]);
});

describe('points that cannot be used', () => {
  test.each([
    ['NaN', { ...time, asDouble: Number.NaN }, 'nan'],
    ['infinite', { ...time, asDouble: Number.NEGATIVE_INFINITY }, 'infinite'],
    ['flagged as not recorded', { ...time, asDouble: 1, flags: 1 }, 'no-value'],
  ] as const)('%s: dropped', (_what, point, reason) => {
    const { samples, tally } = decoderOf().decode(request(gauge('a', point)));
    expect(samples).toEqual([]);
    expect(tally).toMatchObject({ received: 1, accepted: 0, dropped: { [reason]: 1 } });
  });

  const histogram = (point: object, aggregationTemporality = 2) => ({
    name: 'h',
    histogram: { dataPoints: [{ ...time, ...point }], aggregationTemporality },
  });
  test.each([
    ['without a value', gauge('a', time), 'invalid'],
    ['without a time', gauge('a', { asDouble: 1 }), 'time'],
    ['from the future', gauge('a', { asDouble: 1, timeUnixNano: nanos(700_000) }), 'future'],
    ['without a name', gauge('', { ...time, asDouble: 1 }), 'labels'],
    ['of an unspecified temporality', { name: 's', sum: { dataPoints: [{ ...time, asDouble: 1 }] } }, 'invalid'],
    ['B9 with a bad count', histogram({ count: 5, bucketCounts: [1, 1], explicitBounds: [1] }), 'invalid'],
    ['B9 with a bucket missing', histogram({ count: 1, bucketCounts: [1], explicitBounds: [1, 2] }), 'invalid'],
    ['B9 with falling bounds', histogram({ count: 3, bucketCounts: [1, 1, 1], explicitBounds: [2, 1] }), 'invalid'],
    ['B9 with 10,000 buckets', histogram({ count: 0, bucketCounts: Array<number>(10_000).fill(0) }), 'invalid'],
  ] as const)('%s: rejected', (_what, metric, reason) => {
    const { samples, tally } = decoderOf().decode(request(metric, gauge('good', { ...time, asDouble: 7 })));
    expect(samples).toMatchObject([{ name: 'good', value: 7 }]);
    expect(tally).toMatchObject({ received: 2, accepted: 1, rejected: { [reason]: 1 } });
  });

  /** A KeyValue whose value is that many arrays in each other; protobufjs itself stops at a hundred. */
  function deepAttribute(levels: number): Uint8Array {
    const wrapped = (field: number, bytes: Uint8Array) => {
      const writer = createWireWriter();
      writer.bytes(field, bytes);
      return writer.finish();
    };
    let value = wrapped(1, Buffer.from('x'));
    for (let level = 0; level < levels; level++) value = wrapped(5, wrapped(1, value));
    return Buffer.concat([wrapped(1, Buffer.from('k')), wrapped(2, value)]);
  }

  function deepRequest(levels: number, on: 'point' | 'resource'): Uint8Array {
    const writer = createWireWriter();
    const attribute = (number: number) => writer.bytes(number, deepAttribute(levels));
    writer.message(1, () => {
      if (on === 'resource') writer.message(1, () => attribute(1));
      writer.message(2, () =>
        writer.message(2, () => {
          writer.text(1, 'm');
          writer.message(5, () =>
            writer.message(1, () => {
              writer.fixed64(3, BigInt(nanos()));
              writer.double(4, 1);
              if (on === 'point') attribute(7);
            }),
          );
        }),
      );
    });
    return writer.finish();
  }

  test.each([
    ['a point', 'point', 6_000, 1],
    ['a resource', 'resource', 6_000, 1],
    ['a point, within the limit', 'point', 20, 0],
  ] as const)('B6 a value nested in %s', (_what, on, levels, rejected) => {
    const limits = ingestConfig().limits;
    const decoder = createMetricsDecoder(createSeriesCatalog(createMemoryTopic(), limits), limits);
    const tally = createTally();
    decoder.decode(deepRequest(levels, on), nowMs, tally, defaultTenant);
    expect(tally).toMatchObject({ received: 1, accepted: 1 - rejected, rejected: { labels: rejected } });
  });

  test.each([
    [
      'B6 many attributes',
      attributes(Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`k${n}`, 'v']))),
      'labels',
    ],
    ['B7 a value of 1 MB', attributes({ k: 'x'.repeat(1_000_000) }), 'labels'],
  ] as const)('%s, on a point or on the resource: rejected', (_what, given, reason) => {
    const { decode } = decoderOf();
    const bad = decode(
      request(gauge('a', { ...time, asDouble: 1, attributes: given }), gauge('b', { ...time, asDouble: 2 })),
    );
    expect(bad.samples).toMatchObject([{ name: 'b' }]);
    expect(bad.tally.rejected[reason]).toBe(1);
    const resource = { attributes: given };
    const metrics = [gauge('a', { ...time, asDouble: 1 }, { ...time, asDouble: 2 })];
    const worse = decode({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] });
    expect(worse).toMatchObject({ samples: [], tally: { received: 2, rejected: { [reason]: 2 } } });
  });
});

test('fields in any order, and attributes apart from each other, mean the same', () => {
  // Written by hand: attributes { a: 1 }, value, attributes { b: 2 }, in a metric whose name follows its data.
  const keyValue = (key: string, value: string) =>
    Buffer.from(encodeProto('KeyValue', { key, value: { stringValue: value } }));
  const field = (number: number, bytes: Buffer) => Buffer.concat([Buffer.from([number * 8 + 2, bytes.length]), bytes]);
  const plain = Buffer.from(encodeProto('NumberDataPoint', { ...time, asDouble: 5 }));
  const point = Buffer.concat([field(7, keyValue('a', '1')), plain, field(7, keyValue('b', '2'))]);
  const metric = Buffer.concat([field(5, field(1, point)), field(3, Buffer.from('By')), field(1, Buffer.from('mem'))]);
  const scope = field(2, metric);
  const resource = Buffer.from(encodeProto('Resource', { attributes: attributes({ c: '3' }) }));
  const body = field(1, Buffer.concat([field(2, scope), field(1, resource)]));
  const { decodeBytes, catalog } = decoderOf();
  for (const _time of ['first', 'again']) {
    expect(samplesOf(decodeBytes(body), catalog)).toMatchObject([
      {
        name: 'mem',
        labels: [
          ['a', '1'],
          ['b', '2'],
          ['c', '3'],
        ],
        value: 5,
      },
    ]);
  }
  expect(catalog.get(0).unit).toBe('By');
});

test('JSON means the same as protobuf', () => {
  const limits = ingestConfig().limits;
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createMetricsDecoder(catalog, limits);
  fc.assert(
    fc.property(resources, (given) => {
      const binary = encodeProto('MetricsRequest', requestOf(given));
      const json = JSON.stringify(requestOf(given), (_key, value) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('base64') : Object.is(value, -0) ? 0 : value,
      );
      const fromJson = jsonToProtobuf(Buffer.from(json), metricsRequest, 64);
      const [a, b] = [binary, fromJson].map((bytes) =>
        samplesOf(decoder.decode(bytes, nowMs, createTally(), defaultTenant), catalog),
      );
      const rounded = (samples: Sample[]) => samples.map((sample) => ({ ...sample, value: sample.value + 0 }));
      const sums = (samples: Sample[]) => samples.filter(({ name, value }) => !(name.endsWith('_sum') && value === 0));
      expect(sums(rounded(b))).toEqual(sums(rounded(a)));
    }),
    { numRuns: 200 },
  );
});

import { describe, expect, test } from 'vitest';
import { labelValue } from '../../model/index.ts';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import type { IngestLimits } from '../config.ts';
import { createSampleWindow } from '../intake/sample-window.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { encodeProto } from '../testing/otlp-protos.ts';
import { createMetricsDecoder } from './decode-metrics.ts';
import { metricsRequest } from './json-schema.ts';
import { jsonToProtobuf } from './json-to-protobuf.ts';

/** Decodes requests one after the other, each made durable before the next. */
function decoderOf(outOfOrderSeconds = 3600, more: Partial<IngestLimits> = {}) {
  const { limits } = ingestConfig({ outOfOrderSeconds, ...more });
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const window = createSampleWindow(limits);
  const decoder = createMetricsDecoder(catalog, limits, window);
  return (...metrics: object[]) => {
    const tally = createTally();
    const body = encodeProto('MetricsRequest', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    const batch = decoder.decode(body, nowMs, tally, defaultTenant);
    window.committed(batch);
    const samples = Array.from({ length: batch.count }, (_, row) => {
      const { name, kind, labels } = catalog.get(batch.series[row]);
      const le = labelValue(labels, 'le');
      return [le === undefined ? name : `${name} ${le}`, kind, batch.values[row], batch.timesMs[row] - nowMs];
    });
    return { samples, tally };
  };
}

const at = (offsetMs: number) => ({ timeUnixNano: nanos(offsetMs) });
const time = at(0);
const gauge = (name: string, ...dataPoints: object[]) => ({ name, gauge: { dataPoints } });
const counter = (aggregationTemporality: number, ...dataPoints: object[]) => ({
  name: 'c',
  sum: { dataPoints, aggregationTemporality, isMonotonic: true },
});
const histogram = (...dataPoints: object[]) => ({ name: 'h', histogram: { dataPoints, aggregationTemporality: 2 } });
const exponential = (aggregationTemporality: number, ...dataPoints: object[]) => ({
  name: 'e',
  exponentialHistogram: { dataPoints, aggregationTemporality },
});

test('exemplars are counted with the point that they belong to, and no sample comes of them', () => {
  const exemplars = [
    { ...time, asDouble: 3 },
    { ...time, asDouble: 4 },
  ];
  const { samples, tally } = decoderOf()(
    gauge('a', { ...time, asDouble: 1, exemplars }, { asDouble: 1, exemplars }),
    histogram({ ...time, count: 0, exemplars }),
    exponential(1, { ...time, count: 0, exemplars }),
  );
  expect(samples).toEqual([
    ['a', 'gauge', 1, 0],
    ['h_count', 'counter', 0, 0],
    ['e_count', 'delta', 0, 0],
  ]);
  expect(tally).toMatchObject({ received: 4, accepted: 3, exemplars: { taken: 6, rejected: 0 } });
});

describe('points that come late', () => {
  test.each([
    ['a gauge', (offsetMs: number) => gauge('a', { ...at(offsetMs), asDouble: 1 })],
    [
      'a histogram',
      (offsetMs: number) => histogram({ ...at(offsetMs), count: 1, bucketCounts: [1, 0], explicitBounds: [5] }),
    ],
  ])('%s: taken within the window, refused as out-of-order beyond it', (_what, metricAt) => {
    const decode = decoderOf(60);
    expect(decode(metricAt(0)).tally).toMatchObject({ accepted: 1, late: 0 });
    expect(decode(metricAt(-60_000)).tally).toMatchObject({ accepted: 1, late: 1 });
    const late = decode(metricAt(-60_001));
    expect(late.tally).toMatchObject({ received: 1, accepted: 0, rejected: { 'out-of-order': 1 } });
    expect(late.samples).toEqual([]);
  });
});

test('B9 a counter that starts anew is taken as it comes: a lower value at a later start is no error', () => {
  const point = (startMs: number, timeMs: number, asInt: number) => ({
    startTimeUnixNano: nanos(startMs),
    ...at(timeMs),
    asInt,
  });
  expect(decoderOf()(counter(2, point(-9000, -2000, 50), point(-1000, 0, 3))).samples).toEqual([
    ['c', 'counter', 50, -2000],
    ['c', 'counter', 3, 0],
  ]);
});

test('B9 one name as delta and as cumulative is two series: neither is read as the other', () => {
  const point = { ...time, asInt: 5 };
  expect(decoderOf()(counter(1, point), counter(2, point)).samples).toEqual([
    ['c', 'delta', 5, 0],
    ['c', 'counter', 5, 0],
  ]);
});

test('an exponential histogram gives its count, its sum and buckets on a coarser grid; a point without a recorded value nothing', () => {
  const buckets = { offset: -3, bucketCounts: [1, 2] };
  const point = { ...time, count: 4, sum: 9, scale: 3, zeroCount: 1, positive: buckets };
  const { samples, tally } = decoderOf()(exponential(2, point, { ...point, flags: 1 }));
  expect(samples).toEqual([
    ['e_count', 'counter', 4, 0],
    ['e_sum', 'counter', 9, 0],
    // Its buckets are of 2^(-3/8) to 2^(-2/8) and to 2^(-1/8): on the grid, of 2^(-1/2) to 1.
    [`e_bucket ${Math.SQRT1_2}`, 'counter', 1, 0],
    ['e_bucket 1', 'counter', 4, 0],
    ['e_bucket +Inf', 'counter', 4, 0],
  ]);
  expect(tally).toMatchObject({ received: 2, accepted: 1, dropped: { 'no-value': 1 } });
});

test('an exponential histogram without room for its buckets keeps its count and sum, and is accepted', () => {
  const point = { ...time, count: 2, sum: 9, scale: 0, positive: { offset: 0, bucketCounts: [1, 1] } };
  for (const limits of [{ exponentialBuckets: 0 }, { series: 3 }]) {
    const { samples, tally } = decoderOf(3600, limits)(exponential(2, point));
    expect(samples).toEqual([
      ['e_count', 'counter', 2, 0],
      ['e_sum', 'counter', 9, 0],
    ]);
    expect(tally).toMatchObject({ received: 1, accepted: 1 });
  }
});

test('what is not positive in an exponential histogram is below its first bound, in JSON as in protobuf', () => {
  const positive = { offset: -2, bucketCounts: ['1', 2] };
  const point = { timeUnixNano: String(nowMs * 1e6), count: '7', scale: -1, zeroCount: 1, positive };
  const metric = exponential(1, { ...point, negative: { offset: 3, bucketCounts: [3] } });
  const json = Buffer.from(JSON.stringify({ resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] }));
  const { limits } = ingestConfig();
  const catalog = createSeriesCatalog(createMemoryTopic(), limits);
  const decoder = createMetricsDecoder(catalog, limits, createSampleWindow(limits));
  const body = jsonToProtobuf(json, metricsRequest, limits.nestingDepth);
  const batch = decoder.decode(body, nowMs, createTally(), defaultTenant);
  const rows = Array.from({ length: batch.count }, (_, row) => {
    const { name, kind, labels } = catalog.get(batch.series[row]);
    return [name, kind, labelValue(labels, 'le'), batch.values[row]];
  });
  expect(rows).toEqual([
    ['e_count', 'delta', undefined, 7],
    ['e_bucket', 'delta', String(1 / 16), 4],
    ['e_bucket', 'delta', '0.25', 5],
    ['e_bucket', 'delta', '1', 7],
    ['e_bucket', 'delta', '+Inf', 7],
  ]);
});

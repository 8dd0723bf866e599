import { expect, test } from 'vitest';
import { createSeriesCatalog } from '../catalog/series-catalog.ts';
import { createTally } from '../intake/tally.ts';
import { defaultTenant } from '../intake/tenant.ts';
import { nanos, nowMs } from '../testing/door.ts';
import { ingestConfig } from '../testing/ingest-config.ts';
import { createMemoryTopic } from '../testing/memory-topic.ts';
import { encodeProto } from '../testing/otlp-protos.ts';
import { createMetricsDecoder } from './decode-metrics.ts';

test('a point without a recorded value ends its series, if that is known', () => {
  const { limits } = ingestConfig();
  const decoder = createMetricsDecoder(createSeriesCatalog(createMemoryTopic(), limits), limits);
  const decode = (point: object) => {
    const metrics = [{ name: 'a', gauge: { dataPoints: [{ timeUnixNano: nanos(), ...point }] } }];
    const bytes = encodeProto('MetricsRequest', { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    return decoder.decode(bytes, nowMs, createTally(), defaultTenant);
  };
  const noRecordedValue = { flags: 1 };
  expect(decode(noRecordedValue).ended).toBeUndefined();
  const { series } = decode({ asDouble: 1 });
  expect(decode(noRecordedValue).ended).toMatchObject({ count: 1, series });
});

test('so does a histogram or a summary, with all its parts', () => {
  const { limits } = ingestConfig();
  const decoder = createMetricsDecoder(createSeriesCatalog(createMemoryTopic(), limits), limits);
  const decode = (metric: object) => {
    const bytes = encodeProto('MetricsRequest', { resourceMetrics: [{ scopeMetrics: [{ metrics: [metric] }] }] });
    return decoder.decode(bytes, nowMs, createTally(), defaultTenant);
  };
  const attributes = [{ key: 'route', value: { stringValue: '/cart' } }];
  const head = { timeUnixNano: nanos(), attributes };
  const distributions = {
    histogram: { ...head, count: 3, sum: 2, bucketCounts: [1, 2], explicitBounds: [0.5] },
    exponentialHistogram: { ...head, count: 3, sum: 9, scale: 0, positive: { offset: 0, bucketCounts: [1, 2] } },
    summary: { ...head, count: 3, sum: 2, quantileValues: [{ quantile: 0.5, value: 1 }] },
  };
  for (const [kind, point] of Object.entries(distributions)) {
    const metric = (dataPoint: object) => ({
      name: kind,
      [kind]: { ...(kind === 'summary' ? {} : { aggregationTemporality: 2 }), dataPoints: [dataPoint] },
    });
    expect(decode(metric({ ...head, flags: 1 })).ended).toBeUndefined();
    const sent = decode(metric(point));
    expect(sent.count).toBeGreaterThanOrEqual(3);
    const { count, ended } = decode(metric({ ...head, flags: 1 }));
    expect([count, [...ended!.series].sort()]).toEqual([0, [...sent.series].sort()]);
  }
});

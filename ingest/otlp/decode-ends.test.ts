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

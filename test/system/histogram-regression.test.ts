import snappy from 'snappy';
import { expect, test } from 'vitest';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { nanos, nowMs, openDoors, protobufType } from '../../ingest/testing/door.ts';
import { attributes, encodeProto } from '../../ingest/testing/otlp-protos.ts';
import { encodeWrite, request2 } from '../../ingest/testing/write-protos.ts';
import { type Anomaly, createRandom } from '../../model/index.ts';

type Doors = Awaited<ReturnType<typeof openDoors>>;

const scale = 3;
const perReading = 200;
const intervalMs = 15_000;
const name = 'checkout_duration_seconds';

/** How many of the observations so far lie in each exponential bucket, (2^(i/8), 2^((i+1)/8)] as OTLP counts them. */
type Counts = Map<number, number>;

interface Sender {
  readonly what: string;
  send(doors: Doors, counts: Counts, count: number, atMs: number): Promise<{ statusCode: number }>;
}

function dense(counts: Counts): { offset: number; bucketCounts: number[] } {
  const [low, high] = [Math.min(...counts.keys()), Math.max(...counts.keys())];
  return { offset: low, bucketCounts: Array.from({ length: high - low + 1 }, (_, at) => counts.get(low + at) ?? 0) };
}

const explicitBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

const otlp = (doors: Doors, data: object) => {
  const resource = { attributes: attributes({ 'service.name': 'checkout', 'k8s.namespace.name': 'shop' }) };
  const request = { resourceMetrics: [{ resource, scopeMetrics: [{ metrics: [{ name, unit: 's', ...data }] }] }] };
  return doors.post('/v1/metrics', encodeProto('MetricsRequest', request), protobufType);
};

const senders: readonly Sender[] = [
  {
    what: 'an exponential histogram of OTLP',
    send: (doors, counts, count, atMs) => {
      const point = { timeUnixNano: nanos(atMs), count, sum: 1, scale, positive: dense(counts) };
      return otlp(doors, { exponentialHistogram: { dataPoints: [point], aggregationTemporality: 2 } });
    },
  },
  {
    what: 'an explicit histogram of OTLP',
    send: (doors, counts, count, atMs) => {
      const bucketCounts = [...explicitBounds, Number.POSITIVE_INFINITY].map(() => 0);
      for (const [index, held] of counts) {
        const at = explicitBounds.findIndex((bound) => 2 ** ((index + 0.5) / 2 ** scale) <= bound);
        bucketCounts[at < 0 ? explicitBounds.length : at]! += held;
      }
      const point = { timeUnixNano: nanos(atMs), count, sum: 1, bucketCounts, explicitBounds };
      return otlp(doors, { histogram: { dataPoints: [point], aggregationTemporality: 2 } });
    },
  },
  {
    what: 'a native histogram of Prometheus',
    send: (doors, counts, count, atMs) => {
      const { offset, bucketCounts } = dense(counts);
      const histogram = {
        timestamp: nowMs + atMs,
        schema: scale,
        sum: 1,
        countInt: count,
        positiveSpans: [{ offset: offset + 1, length: bucketCounts.length }],
        positiveDeltas: bucketCounts.map((held, at) => held - (bucketCounts[at - 1] ?? 0)),
      };
      const labels = { __name__: name, namespace: 'shop', service: 'checkout' };
      const body = snappy.compressSync(encodeWrite(2, request2([{ labels, histograms: [histogram] }])));
      return doors.post('/api/v1/write', body, {
        'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
        'content-encoding': 'snappy',
        'x-prometheus-remote-write-version': '2.0.0',
      });
    },
  },
];

test.each(senders)('a regression of latency that only $what shows is an anomaly of its service', async ({ send }) => {
  const doors = await openDoors();
  const { detectors } = createWorkbench({ catalog: doors.catalog });
  const random = createRandom(9);
  const counts: Counts = new Map();
  const anomalies: Anomaly[] = [];
  const live = async (readings: number, from: number, median: number) => {
    for (let reading = from; reading < from + readings; reading += 1) {
      for (let each = 0; each < perReading; each += 1) {
        const index = Math.ceil(Math.log2(median * Math.exp(random() - 0.5)) * 2 ** scale) - 1;
        counts.set(index, (counts.get(index) ?? 0) + 1);
      }
      const atMs = (reading - 60) * intervalMs;
      const { statusCode } = await send(doors, counts, perReading * (reading + 1), atMs);
      expect(statusCode).toBeLessThan(300);
      for (const batch of doors.appended.splice(0)) anomalies.push(...(await detectors.observe(batch)).anomalies);
      anomalies.push(...(await detectors.advance(nowMs + atMs + intervalMs - 1)).anomalies);
    }
  };
  await live(60, 0, 0.04);
  expect(anomalies).toEqual([]);
  await live(10, 60, 0.4);
  expect(anomalies[0]).toMatchObject({
    metric: name,
    signal: 'latency',
    state: 'firing',
    entity: { kind: 'service', namespace: 'shop', name: 'checkout' },
  });
  expect(doors.unaccounted()).toBe(0);
  expect(doors.metrics.total('kybern_ingest_items_accepted_total')).toBe(70);
});

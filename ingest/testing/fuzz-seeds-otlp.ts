import { nanos } from './door.ts';
import { attributes, encodeProto } from './otlp-protos.ts';

const time = { timeUnixNano: nanos(), startTimeUnixNano: nanos(-1000) };
const own = { attributes: attributes({ route: '/cart', code: '200' }) };
const resource = { attributes: attributes({ 'service.name': 'cart', 'k8s.pod.name': 'cart-1' }) };
const nested = { arrayValue: { values: [{ intValue: '7' }, { kvlistValue: { values: [{ key: 'a', value: {} }] } }] } };
const traceId = '5b8efff798038103d269b633813fc60c';
const spanId = 'eee19b7ec3c1b174';

const metrics = {
  resourceMetrics: [
    {
      resource,
      scopeMetrics: [
        {
          metrics: [
            {
              name: 'g',
              unit: 'By',
              gauge: {
                dataPoints: [
                  { ...time, ...own, asDouble: 1.5 },
                  { ...time, asInt: '-3' },
                ],
              },
            },
            {
              name: 's',
              sum: { dataPoints: [{ ...time, asDouble: 2 }], aggregationTemporality: 1, isMonotonic: true },
            },
            {
              name: 'h',
              histogram: {
                dataPoints: [{ ...time, ...own, count: '3', sum: 4, bucketCounts: ['1', '2'], explicitBounds: [5] }],
                aggregationTemporality: 2,
              },
            },
            {
              name: 'e',
              exponentialHistogram: {
                dataPoints: [{ ...time, count: '3', sum: 4, scale: 2, zeroCount: '1' }],
                aggregationTemporality: 2,
              },
            },
            {
              name: 'q',
              summary: { dataPoints: [{ ...time, count: '3', quantileValues: [{ quantile: 0.5, value: 1 }] }] },
            },
          ],
        },
      ],
    },
  ],
};
const logs = (ids: object) => ({
  resourceLogs: [
    {
      resource,
      scopeLogs: [
        {
          logRecords: [
            { timeUnixNano: nanos(), severityNumber: 9, body: { stringValue: 'größe' }, ...own, ...ids },
            { observedTimeUnixNano: nanos(), body: nested },
          ],
        },
      ],
    },
  ],
});
const traces = (ids: object) => ({
  resourceSpans: [
    {
      resource,
      scopeSpans: [
        {
          spans: [
            {
              name: 'GET',
              kind: 3,
              startTimeUnixNano: nanos(),
              endTimeUnixNano: nanos(5),
              status: { code: 2 },
              ...ids,
            },
          ],
        },
      ],
    },
  ],
});
const hexIds = { traceId, spanId };
const byteIds = { traceId: Buffer.from(traceId, 'hex'), spanId: Buffer.from(spanId, 'hex') };
const json = (value: object) => Buffer.from(JSON.stringify(value));

/** A body of each signal and encoding that is taken as it is: what mutation starts from. */
export const otlpFuzzSeeds: Readonly<Record<string, Uint8Array>> = {
  'otlp-metrics': encodeProto('MetricsRequest', metrics),
  'otlp-logs': encodeProto('LogsRequest', logs(byteIds)),
  'otlp-traces': encodeProto('TracesRequest', traces(byteIds)),
  'otlp-metrics-json': json(metrics),
  'otlp-logs-json': json(logs(hexIds)),
  'otlp-traces-json': json(traces(hexIds)),
};

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { nanos } from './door.ts';
import { otlpFuzzTargets } from './fuzz-targets-otlp.ts';
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

/** A body of each kind that is taken as it is: what mutation starts from. */
const seeds: Readonly<Record<string, Uint8Array>> = {
  'otlp-metrics': encodeProto('MetricsRequest', metrics),
  'otlp-logs': encodeProto('LogsRequest', logs(byteIds)),
  'otlp-traces': encodeProto('TracesRequest', traces(byteIds)),
  'otlp-metrics-json': json(metrics),
  'otlp-logs-json': json(logs(hexIds)),
  'otlp-traces-json': json(traces(hexIds)),
};

/** Bytes changed, cut out, doubled, put in. */
function mutated(seed: Uint8Array): fc.Arbitrary<Uint8Array> {
  const step = fc.record({ at: fc.nat(seed.length), kind: fc.nat(3), byte: fc.nat(255), length: fc.nat(16) });
  return fc.array(step, { minLength: 1, maxLength: 6 }).map((steps) => {
    let bytes = Buffer.from(seed);
    for (const { at, kind, byte, length } of steps) {
      if (kind === 0 && at < bytes.length) bytes[at] = byte;
      else if (kind === 1) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
      else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
      else bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from([byte]), bytes.subarray(at)]);
    }
    return bytes;
  });
}

describe('every decoder of OTLP, fed with damaged bodies, answers or throws a coded error', () => {
  test.each(Object.entries(otlpFuzzTargets()))('%s', (name, target) => {
    target(seeds[name]);
    fc.assert(fc.property(fc.oneof(mutated(seeds[name]), fc.uint8Array({ maxLength: 64 })), target), { numRuns: 1000 });
  });
});

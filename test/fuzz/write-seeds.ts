import { nowMs } from '../../ingest/testing/door.ts';
import { encodeWrite, request2 } from '../../ingest/testing/write-protos.ts';

const timestamp = nowMs;
const labels = [
  { name: '__name__', value: 'http_requests_total' },
  { name: 'job', value: 'shop' },
  { name: 'pod', value: 'größe-1' },
];
const histogram = {
  countInt: 5,
  sum: 12.5,
  schema: 3,
  zeroThreshold: 1e-128,
  zeroCountInt: 1,
  negativeSpans: [{ offset: 0, length: 1 }],
  negativeDeltas: [1],
  positiveSpans: [
    { offset: 0, length: 2 },
    { offset: 3, length: 1 },
  ],
  positiveDeltas: [1, 0, 0],
  timestamp,
};
const floats = {
  countFloat: 3,
  sum: 1,
  schema: -53,
  zeroCountFloat: 0,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveCounts: [1, 2],
  customValues: [0.5, 1],
  timestamp,
};

/** Bodies of both versions of remote-write, before compression, with all that they may hold. */
export const writeFuzzSeeds: Readonly<Record<1 | 2, readonly Uint8Array[]>> = {
  1: [
    encodeWrite(1, {
      timeseries: [
        {
          labels,
          samples: [
            { value: 1, timestamp },
            { value: 2.5, timestamp: timestamp + 15_000 },
          ],
          exemplars: [{ labels: [{ name: 'trace_id', value: 'abc' }], value: 1, timestamp }],
        },
        { labels: [{ name: '__name__', value: 'h' }], histograms: [histogram, floats] },
      ],
      metadata: [{ type: 1, metricFamilyName: 'http_requests_total', help: 'Requests.', unit: '' }],
    }),
    encodeWrite(1, { timeseries: [{ labels: labels.slice(0, 1), samples: [{ value: 0, timestamp }] }] }),
  ],
  2: [
    encodeWrite(
      2,
      request2([
        {
          labels: { __name__: 'http_requests_total', job: 'shop' },
          samples: [{ value: 1, timestamp, startTimestamp: timestamp - 60_000 }],
          exemplars: [{ labels: { trace_id: 'abc' }, value: 1, timestamp }],
          metadata: { type: 1, help: 'Requests.', unit: 'requests' },
        },
        { labels: { __name__: 'h', pod: 'größe-1' }, histograms: [histogram, floats], metadata: { type: 3 } },
      ]),
    ),
  ],
};

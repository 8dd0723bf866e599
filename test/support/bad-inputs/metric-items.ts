import { encodeProto } from '../../../ingest/testing/otlp-protos.ts';
import { encodeWrite, request2 } from '../../../ingest/testing/write-protos.ts';
import { type Door, goodMetrics } from './doors.ts';
import { isProto, named, type Row } from './row.ts';

/** A limit low enough for the cardinality bomb. */
export const activeSeriesPerMetric = 1000;

interface Given {
  readonly name: string;
  readonly labels?: readonly (readonly [string, string])[];
  readonly value?: number;
  readonly atMs?: number;
}

const isOtlp = ({ protocol }: Door) => protocol.startsWith('otlp');
const isWrite = ({ protocol }: Door) => protocol === 'remote-write';
const takesMetrics = (door: Door) => isOtlp(door) || isWrite(door);

/** Each of these as a series with a sample, as the door has it. */
function metricsBody(door: Door, given: readonly Given[]): Buffer {
  if (isWrite(door)) {
    const timeseries = given.map(({ name, labels = [], value = 1, atMs = Date.now() }) => ({
      labels: [...(name === '' ? [] : [['__name__', name] as const]), ...labels],
      samples: [{ value, timestamp: atMs }],
    }));
    if (door.name === 'remote-write 2.0') return encodeWrite(2, request2(timeseries));
    const named = timeseries.map(({ labels, samples }) => ({
      labels: labels.map(([name, value]) => ({ name, value })),
      samples,
    }));
    return encodeWrite(1, { timeseries: named });
  }
  const metrics = given.map(({ name, labels = [], value = 1, atMs = Date.now() }) => ({
    name,
    gauge: {
      dataPoints: [
        {
          timeUnixNano: String(BigInt(atMs) * 1_000_000n),
          asDouble: Number.isFinite(value) || door.form === 'proto' ? value : String(value),
          attributes: labels.map(([key, stringValue]) => ({ key, value: { stringValue } })),
        },
      ],
    },
  }));
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
  return door.form === 'json'
    ? Buffer.from(JSON.stringify(request))
    : Buffer.from(encodeProto('MetricsRequest', request));
}

let count = 0;
/** Another metric each time: what a series had before matters to what comes. */
const fresh = () => `m${++count}`;
const many = Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x'] as const);
const days = (number: number) => number * 86_400_000;
const utf8 = (bytes: Buffer) => Buffer.from(bytes.map((byte) => (byte === 0x7e ? 0xff : byte)));

/** B7, B8, B13: one odd series next to a good one. */
export const series: readonly Row[] = (
  [
    ['B7 labels: 500', () => ({ labels: many }), 'partial'],
    ['B7 labels: a value of 1 MB', () => ({ labels: [['b', 'x'.repeat(1_000_000)]] }), 'partial'],
    ['B7 labels: a name of 1 MB', () => ({ name: 'x'.repeat(1_000_000) }), 'partial'],
    ['B7 labels: without a name of the metric', () => ({ name: '', labels: [['b', '1']] }), 'partial'],
    ['B7 labels: one without a name', () => ({ labels: [['', '1']] }), 'partial'],
    [
      'B7 labels: unsorted',
      () => ({
        labels: [
          ['z', '1'],
          ['b', '2'],
        ],
      }),
      'accepted',
    ],
    ['B7 labels: an empty value', () => ({ labels: [['b', '']] }), 'accepted'],
    ['B7 labels: names in UTF-8', () => ({ name: `größe.東京${++count}`, labels: [['ключ', 'значение']] }), 'accepted'],
    ['B7 labels: reserved names', () => ({ labels: [['__address__', 'x']] }), 'accepted'],
    [
      'B7 labels: names of prototypes',
      () => ({
        labels: [
          ['__proto__', 'x'],
          ['constructor', 'y'],
        ],
      }),
      'accepted',
    ],
    ['B8 samples: -0', () => ({ value: -0 }), 'accepted'],
    ['B8 samples: a denormal', () => ({ value: 5e-324 }), 'accepted'],
    ['B8 samples: 1.8e308', () => ({ value: Number.MAX_VALUE }), 'accepted'],
    ['B8 samples: NaN', () => ({ value: Number.NaN }), 'dropped'],
    ['B8 samples: infinite', () => ({ value: Number.NEGATIVE_INFINITY }), 'dropped'],
    ['B8 samples: at 0', () => ({ atMs: 0 }), 'partial'],
    ['B8 samples: a year ahead', () => ({ atMs: Date.now() + days(365) }), 'partial'],
    ['B8 samples: of the year 2300', () => ({ atMs: Date.UTC(2300, 0) }), 'partial'],
    ['B8 samples: of the year 1990', () => ({ atMs: Date.UTC(1990, 0) }), 'accepted'],
  ] as const satisfies readonly (readonly [string, () => Partial<Given>, 'partial' | 'accepted' | 'dropped'])[]
)
  .map(
    ([what, odd, outcome]): Row => ({
      what,
      to: takesMetrics,
      send: (door) => door.pack(metricsBody(door, [{ name: fresh() }, { name: fresh(), ...odd() }])),
      answer: outcome === 'partial' ? 'partial' : 'accepted',
      kept: outcome === 'accepted' ? 2 : 1,
    }),
  )
  .concat([
    {
      what: 'B7 labels: not UTF-8',
      to: (door) => takesMetrics(door) && isProto(door),
      send: (door) => door.pack(utf8(metricsBody(door, [{ name: fresh() }, { name: fresh(), labels: [['b', '~~']] }]))),
      answer: 'partial',
      kept: 1,
    },
    {
      what: 'B7 labels: one of them twice',
      to: takesMetrics,
      send(door) {
        const labels = [
          ['b', '1'],
          ['b', '2'],
        ] as const;
        return door.pack(metricsBody(door, [{ name: fresh() }, { name: fresh(), labels }]));
      },
      // Remote-write forbids it; OTLP leaves open what it means, and one of the two is taken.
      answer: (door) => (isWrite(door) ? door.answers.partial : door.answers.accepted),
      kept: (door) => (isWrite(door) ? 1 : 2),
    },
    {
      what: 'B8 samples: before 1970',
      to: isWrite,
      send: (door) => door.pack(metricsBody(door, [{ name: fresh() }, { name: fresh(), atMs: -1 }])),
      answer: 'partial',
      kept: 1,
    },
    {
      what: 'B8 samples: the same time again, with the same and with another value',
      to: takesMetrics,
      send(door) {
        const same = { name: fresh(), atMs: Date.now() };
        return door.pack(metricsBody(door, [same, same, { ...same, value: 2 }]));
      },
      answer: 'accepted',
      kept: 3,
    },
    {
      what: 'B13 cardinality: 3,000 new series of a metric that may have 1,000',
      to: takesMetrics,
      send(door) {
        const name = fresh();
        const all = Array.from({ length: 3000 }, (_, pod) => ({ name, labels: [['pod', `p${pod}`]] as const }));
        return door.pack(metricsBody(door, all));
      },
      answer: (door) => door.answers.partial.replace('1 rejected', '2000 rejected'),
      kept: activeSeriesPerMetric,
    },
    {
      what: 'B6 an attribute 6,000 deep',
      to: named('OTLP JSON'),
      send: (door) =>
        door.pack(Buffer.from(withAttribute(`${'{"arrayValue":{"values":['.repeat(6000)}{}${']}}'.repeat(6000)}`))),
      answer: 'unreadable',
    },
    {
      what: 'B6 an attribute of bytes, and one of nothing',
      to: named('OTLP JSON'),
      send: (door) => door.pack(Buffer.from(withAttribute('{"bytesValue":"/wD/"}},{"key":"b","value":{}'))),
      answer: 'accepted',
    },
  ]);

function withAttribute(value: string): string {
  return JSON.stringify(goodMetrics({ attributes: [{ key: 'a', value: 'HERE' }] })).replace('"HERE"', () => value);
}

const point = (more: object) => ({
  timeUnixNano: `${Date.now()}000000`,
  count: '3',
  sum: 4,
  bucketCounts: ['1', '2'],
  explicitBounds: [5],
  ...more,
});
const native = (more: object) => ({
  countInt: 3,
  sum: 4,
  schema: 0,
  zeroThreshold: 1e-128,
  positiveSpans: [{ offset: 0, length: 2 }],
  positiveDeltas: [1, 1],
  timestamp: Date.now(),
  ...more,
});

function histogramBody(door: Door, more: object): Buffer {
  if (door.name === 'remote-write 1.0') {
    return encodeWrite(1, {
      timeseries: [{ labels: [{ name: '__name__', value: fresh() }], histograms: [native(more)] }],
    });
  }
  if (door.name === 'remote-write 2.0') {
    return encodeWrite(2, request2([{ labels: { __name__: fresh() }, histograms: [native(more)] }]));
  }
  const histogram = { dataPoints: [point(more)], aggregationTemporality: 2 };
  const request = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: fresh(), histogram }] }] }] };
  return door.form === 'json'
    ? Buffer.from(JSON.stringify(request))
    : Buffer.from(encodeProto('MetricsRequest', request));
}

const tenThousand = Array.from({ length: 10_000 }, () => 1);

/** B9. */
export const histograms: readonly Row[] = (
  [
    ['B9 histogram: buckets that do not add up', isOtlp, { count: '9' }],
    ['B9 histogram: more bounds than buckets', isOtlp, { explicitBounds: [1, 2, 3, 4] }],
    ['B9 histogram: bounds that fall', isOtlp, { bucketCounts: ['1', '1', '1'], explicitBounds: [5, 1] }],
    [
      'B9 histogram: 10,000 buckets',
      isOtlp,
      {
        count: '10000',
        bucketCounts: tenThousand.map(String),
        explicitBounds: tenThousand.map((_, at) => at).slice(1),
      },
    ],
    ['B9 native histogram: buckets that do not add up', isWrite, { countInt: 9 }],
    ['B9 native histogram: a negative bucket', isWrite, { countInt: 0, positiveDeltas: [1, -3] }],
    ['B9 native histogram: spans over more than there is', isWrite, { positiveSpans: [{ offset: 0, length: 9 }] }],
    [
      'B9 native histogram: a gap back',
      isWrite,
      {
        positiveSpans: [
          { offset: 0, length: 1 },
          { offset: -5, length: 1 },
        ],
      },
    ],
    [
      'B9 native histogram: 10,000 buckets',
      isWrite,
      {
        countInt: 10_000,
        positiveSpans: [{ offset: 0, length: 10_000 }],
        positiveDeltas: tenThousand.map((one, at) => (at === 0 ? one : 0)),
      },
    ],
  ] as const satisfies readonly (readonly [string, Row['to'], object])[]
).map(([what, to, more]) => ({ what, to, send: (door) => door.pack(histogramBody(door, more)), answer: 'partial' }));

const sample = () => ({ value: 1, timestamp: Date.now() });
const written = (request: object) => encodeWrite(2, request);
const tenMillion = Buffer.concat([Buffer.alloc(20_000_000, Buffer.of(0x22, 0x00))]);

/** B10. */
export const writeSymbols: readonly Row[] = (
  [
    [
      'B10 symbols: a reference beyond them',
      () => written({ symbols: ['', 'a'], timeseries: [{ labelsRefs: [1, 7], samples: [sample()] }] }),
    ],
    [
      'B10 symbols: an odd count of references',
      () => written({ symbols: ['', 'a'], timeseries: [{ labelsRefs: [1], samples: [sample()] }] }),
    ],
    [
      'B10 symbols: the first is not empty',
      () => written({ symbols: ['__name__', 'a'], timeseries: [{ labelsRefs: [0, 1], samples: [sample()] }] }),
    ],
    ['B10 symbols: none', () => written({ symbols: [], timeseries: [{ labelsRefs: [0, 1], samples: [sample()] }] })],
    ['B10 symbols: 10 million', () => tenMillion],
  ] as const satisfies readonly (readonly [string, () => Buffer])[]
).map(([what, body]) => ({
  what,
  to: named('remote-write 2.0'),
  send: (door) => door.pack(body()),
  answer: 'unreadable',
}));

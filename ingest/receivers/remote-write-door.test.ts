import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import { nowMs, openDoors } from '../testing/door.ts';
import { encodeProto } from '../testing/otlp-protos.ts';

const headers = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
};
const url = '/api/v1/write';
type Label = readonly [string, string];
const series = (labels: readonly Label[], ...samples: readonly (readonly [number, number])[]) => ({
  labels: labels.map(([name, value]) => ({ name, value })),
  samples: samples.map(([value, atMs]) => ({ value, timestamp: nowMs + atMs })),
});
const request = (...timeseries: object[]) =>
  snappy.compressSync(Buffer.from(encodeProto('WriteRequest', { timeseries })));
const up: readonly Label[] = [
  ['__name__', 'up'],
  ['job', 'node'],
];

describe('what remote-write 1.0 answers', () => {
  test('all taken: 204', async () => {
    const doors = await openDoors();
    const total: readonly Label[] = [
      ['__name__', 'http_requests_total'],
      ['job', 'shop'],
    ];
    const answer = await doors.post(url, request(series(up, [1, -15_000], [0, 0]), series(total, [7, 0])), headers);
    expect([answer.statusCode, answer.payload]).toEqual([204, '']);
    expect(doors.samples()).toEqual([
      'up{job="node"} 1 @-15000',
      'up{job="node"} 0 @0',
      'http_requests_total{job="shop"} 7 @0',
    ]);
    expect([0, 1].map((id) => doors.catalog.get(id).kind)).toEqual(['gauge', 'counter']);
  });

  test('the same again, metadata only, and nothing at all: 204', async () => {
    const doors = await openDoors();
    const metadata = snappy.compressSync(
      Buffer.from(encodeProto('WriteRequest', { metadata: [{ metricFamilyName: 'up' }] })),
    );
    for (const body of [
      request(series(up, [1, 0])),
      request(series(up, [1, 0])),
      metadata,
      request(),
      Buffer.alloc(0),
    ]) {
      expect((await doors.post(url, body, headers)).statusCode).toBe(204);
    }
    expect(doors.samples()).toHaveLength(2);
  });

  test('a sample from the future: 400, after the good ones are taken', async () => {
    const doors = await openDoors();
    const answer = await doors.post(url, request(series(up, [1, 0], [1, 3_600_000])), headers);
    expect([answer.statusCode, answer.payload]).toEqual([400, '1 rejected: 1 timestamp too far in the future\n']);
    expect(doors.samples()).toEqual(['up{job="node"} 1 @0']);
    expect(doors.unaccounted()).toBe(0);
  });

  test('a log that cannot be written, or no room: 503 with Retry-After, never 429', async () => {
    const doors = await openDoors();
    doors.log.broken = true;
    const answer = await doors.post(url, request(series(up, [1, 0])), headers);
    expect([answer.statusCode, answer.headers['retry-after']]).toEqual([503, '2']);
  });

  test.each([
    ['an unheard-of message', { 'content-type': 'application/x-protobuf;proto=else' }],
    ['JSON', { 'content-type': 'application/json' }],
    ['gzip', { 'content-encoding': 'gzip' }],
    ['zstd, as vmagent tries first', { 'content-encoding': 'zstd' }],
  ])('%s: 415, so that the sender falls back', async (_what, changed) => {
    const doors = await openDoors();
    expect((await doors.post(url, request(series(up, [1, 0])), { ...headers, ...changed })).statusCode).toBe(415);
  });

  test.each([
    ['the name spelt out', 'application/x-protobuf;proto=prometheus.WriteRequest'],
    ['upper case', 'Application/X-Protobuf'],
  ])('%s is taken', async (_what, type) => {
    const doors = await openDoors();
    expect((await doors.post(url, request(series(up, [1, 0])), { ...headers, 'content-type': type })).statusCode).toBe(
      204,
    );
  });
});

const otlpRequest = {
  resourceMetrics: [
    { resource: {}, scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ asDouble: 1 }] } }] }] },
  ],
};

describe('bad bodies', () => {
  const plain = Buffer.from(encodeProto('WriteRequest', { timeseries: [series(up, [1, 0])] }));
  const good = snappy.compressSync(plain);
  const declaring = (length: number, body: Uint8Array) => {
    const bytes: number[] = [];
    let rest = length;
    for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
    return Buffer.concat([Buffer.from([...bytes, rest]), body]);
  };
  const framed = Buffer.concat([Buffer.from('ff060000734e61507059', 'hex'), good]);
  const elements = good.subarray(1);
  test.each([
    ['framed', framed, 400],
    ['declaring 2 GB', declaring(2_000_000_000, Buffer.from([0])), 413],
    ['declaring 4 GB', declaring(4_294_967_295, elements), 413],
    ['declaring more than it can hold', declaring(500_000, elements), 400],
    ['declaring one byte more', declaring(plain.length + 1, elements), 400],
    ['declaring one byte less', declaring(plain.length - 1, elements), 400],
    ['truncated', good.subarray(0, good.length - 3), 400],
    ['no snappy at all', plain, 400],
  ])('B2 snappy, %s: refused, without taking memory for it', async (_what, body, status) => {
    const doors = await openDoors();
    const before = process.memoryUsage().rss;
    expect((await doors.post(url, body, headers)).statusCode).toBe(status);
    expect(process.memoryUsage().rss - before).toBeLessThan(40_000_000);
    expect(doors.appended).toEqual([]);
  });

  test.each([
    ['truncated', plain.subarray(0, plain.length - 2)],
    ['random', Buffer.from('0b0c0d0e0fff', 'hex')],
    [
      'the 2.0 message under the 1.0 type',
      Buffer.from(encodeProto('WriteRequestV2', { symbols: ['', 'up'], timeseries: [{ labelsRefs: [0, 1] }] })),
    ],
    ['an OTLP request', Buffer.from(encodeProto('MetricsRequest', otlpRequest))],
  ])('B1 protobuf, %s: 400', async (_what, body) => {
    const doors = await openDoors();
    expect((await doors.post(url, snappy.compressSync(body), headers)).statusCode).toBe(400);
    expect(doors.appended).toEqual([]);
  });

  const many = Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x'] as const);
  test.each([
    [
      'a label twice',
      [
        ['__name__', 'a'],
        ['b', '1'],
        ['b', '2'],
      ],
      'labels',
    ],
    ['no __name__', [['b', '1']], 'labels'],
    ['no label at all', [], 'labels'],
    [
      'a label without a name',
      [
        ['__name__', 'a'],
        ['', '1'],
      ],
      'labels',
    ],
    ['500 labels', [['__name__', 'a'], ...many], 'labels'],
    [
      'a value of 1 MB',
      [
        ['__name__', 'a'],
        ['b', 'x'.repeat(1_000_000)],
      ],
      'labels',
    ],
    ['a metric name of 1 MB', [['__name__', 'x'.repeat(1_000_000)]], 'labels'],
  ] as [string, Label[], string][])(
    'B7 %s: 400, counted, and the other series is taken',
    async (_what, labels, reason) => {
      const doors = await openDoors();
      const answer = await doors.post(url, request(series(labels, [1, 0], [2, 0]), series(up, [1, 0])), headers);
      expect(answer.statusCode).toBe(400);
      expect(doors.samples()).toEqual(['up{job="node"} 1 @0']);
      expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason })).toBe(2);
      expect(doors.unaccounted()).toBe(0);
    },
  );

  test('B7 invalid UTF-8 in a label: 400, counted, the other series is taken', async () => {
    const doors = await openDoors();
    const odd = Buffer.from(
      encodeProto('WriteRequest', {
        timeseries: [
          series(
            [
              ['__name__', 'a'],
              ['b', '~~~~'],
            ],
            [1, 0],
          ),
          series(up, [1, 0]),
        ],
      }),
    );
    odd.fill(0xff, odd.indexOf('~~~~'), odd.indexOf('~~~~') + 4);
    expect((await doors.post(url, snappy.compressSync(odd), headers)).statusCode).toBe(400);
    expect(doors.samples()).toEqual(['up{job="node"} 1 @0']);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'text' })).toBe(1);
  });

  test.each([
    [
      'unsorted',
      [
        ['z', '1'],
        ['__name__', 'a'],
        ['b', '2'],
      ],
      'a{b="2",z="1"}',
    ],
    [
      'with an empty value, which is no label',
      [
        ['__name__', 'a'],
        ['b', ''],
      ],
      'a{}',
    ],
    [
      'with names in UTF-8',
      [
        ['__name__', 'größe.東京'],
        ['ключ', 'значение'],
      ],
      'größe.東京{ключ="значение"}',
    ],
    [
      'with reserved names',
      [
        ['__name__', 'a'],
        ['__address__', 'x'],
      ],
      'a{__address__="x"}',
    ],
  ] as [string, Label[], string][])('B7 labels %s are taken', async (_what, labels, text) => {
    const doors = await openDoors();
    expect((await doors.post(url, request(series(labels, [1, 0])), headers)).statusCode).toBe(204);
    expect(doors.samples()).toEqual([`${text} 1 @0`]);
  });
});

describe('B8 samples', () => {
  test('a stale marker is told from a NaN by its bytes; it ends its series, and no value reaches the log', async () => {
    const doors = await openDoors();
    const body = Buffer.from(
      encodeProto('WriteRequest', {
        timeseries: [series(up, [3, 0], [Number.NaN, 1], [Number.POSITIVE_INFINITY, 2], [Number.NEGATIVE_INFINITY, 3])],
      }),
    );
    const three = Buffer.alloc(8);
    three.writeDoubleLE(3);
    Buffer.from('020000000000f07f', 'hex').copy(body, body.indexOf(three));
    expect((await doors.post(url, snappy.compressSync(body), headers)).statusCode).toBe(204);
    const dropped = (reason: string) => doors.metrics.total('kybern_ingest_items_dropped_total', { reason });
    expect([dropped('stale'), dropped('nan'), dropped('infinite')]).toEqual([1, 1, 2]);
    expect([doors.samples(), doors.unaccounted()]).toEqual([[], 0]);
    expect(doors.appended).toMatchObject([{ kind: 'ends', count: 1 }]);
  });

  test('-0, denormals, duplicates and late samples are taken as they are', async () => {
    const doors = await openDoors();
    const given = [
      [-0, 0],
      [5e-324, -1],
      [1, -1],
      [1, -1],
      [2, -86_400_000 * 365],
    ] as const;
    expect((await doors.post(url, request(series(up, ...given)), headers)).statusCode).toBe(204);
    const [batch] = doors.appended;
    expect(batch.kind === 'samples' && [...batch.values]).toEqual(given.map(([value]) => value));
  });

  test.each([
    ['zero', -nowMs, 'time'],
    ['negative', -2 * nowMs, 'time'],
    ['a year ahead', 365 * 86_400_000, 'future'],
    ['in nanoseconds', nowMs * 1e3, 'future'],
    ['beyond the year 2262', Date.UTC(2300, 0) - nowMs, 'future'],
  ])('a timestamp that is %s: 400, counted', async (_what, atMs, reason) => {
    const doors = await openDoors();
    expect((await doors.post(url, request(series(up, [1, atMs])), headers)).statusCode).toBe(400);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason })).toBe(1);
    expect(doors.appended).toEqual([]);
  });

  test('B13 new series over the limit are refused, known ones go on', async () => {
    const doors = await openDoors({ series: 1 });
    const other: readonly Label[] = [['__name__', 'other']];
    await doors.post(url, request(series(up, [1, 0])), headers);
    expect((await doors.post(url, request(series(other, [1, 0]), series(up, [2, 0])), headers)).statusCode).toBe(400);
    expect(doors.samples()).toEqual(['up{job="node"} 1 @0', 'up{job="node"} 2 @0']);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'series-limit' })).toBe(1);
  });

  test('B8 later than the window of its series: 400, counted; late within it: taken, counted', async () => {
    const doors = await openDoors({ outOfOrderSeconds: 60 });
    await doors.post(url, request(series(up, [1, 0])), headers);
    const answer = await doors.post(url, request(series(up, [2, -60_000], [3, -60_001], [4, 1])), headers);
    expect(answer.statusCode).toBe(400);
    expect(doors.samples()).toEqual(['up{job="node"} 1 @0', 'up{job="node"} 2 @-60000', 'up{job="node"} 4 @1']);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'out-of-order' })).toBe(1);
    expect(doors.metrics.total('kybern_ingest_items_late_total')).toBe(1);
    expect(doors.unaccounted()).toBe(0);
  });
});

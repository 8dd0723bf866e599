import snappy from 'snappy';
import { describe, expect, test } from 'vitest';
import type { EndBatch, SampleBatch } from '../../model/index.ts';
import { nowMs, openDoors } from '../testing/door.ts';
import { encodeWrite, type GivenSeries, request2 } from '../testing/write-protos.ts';

// The cases of the receiver suite of prometheus/compliance (remotewrite/receiver), in our words, with what the suite does
// not ask: what was kept.

const url = '/api/v1/write';
const headers = {
  'content-type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '2.0.0',
};
const type = { counter: 1, gauge: 2, histogram: 3, gaugeHistogram: 4, summary: 5, info: 6, stateSet: 7 };
const at = (value: number, offsetMs = 0) => ({ value, timestamp: nowMs + offsetMs });
const up = { __name__: 'up', job: 'testjob', instance: 'localhost:9090' };

async function send(series: readonly GivenSeries[], patch: (body: Buffer) => void = () => {}) {
  const doors = await openDoors();
  const body = encodeWrite(2, request2(series));
  patch(body);
  const answer = await doors.post(url, snappy.compressSync(body), headers);
  const written = ['samples', 'histograms', 'exemplars'].map((what) =>
    Number(answer.headers[`x-prometheus-remote-write-${what}-written`]),
  );
  expect(doors.unaccounted()).toBe(0);
  return { doors, status: answer.statusCode, written, text: answer.payload, kept: doors.samples() };
}

describe('samples (MUST)', () => {
  test.each([
    ['a name alone', { __name__: 'up' }, 'up{}'],
    ['several labels', up, 'up{instance="localhost:9090",job="testjob"}'],
    ['newlines', { __name__: 'up', job: 'test\njob\n' }, 'up{job="test\njob\n"}'],
    ['dots', { __name__: 'resource.cpu.usage', 'job.name': 'x' }, 'resource.cpu.usage{job.name="x"}'],
    ['spaces', { __name__: 'resource cpu usage', 'job name': 'x' }, 'resource cpu usage{job name="x"}'],
  ])('with %s are taken', async (_what, labels, text) => {
    const { status, written, kept } = await send([{ labels, samples: [at(1)] }]);
    expect([status, written]).toEqual([204, [1, 0, 0]]);
    expect(kept).toEqual([`${text} 1 @0`]);
  });

  test.each([
    ['NaN', Number.NaN, 'nan'],
    ['+Inf', Number.POSITIVE_INFINITY, 'infinite'],
    ['-Inf', Number.NEGATIVE_INFINITY, 'infinite'],
  ])('of the value %s are understood, though nothing is kept', async (_what, value, reason) => {
    const { status, written, kept, doors } = await send([{ labels: up, samples: [at(value)] }]);
    expect([status, written, kept]).toEqual([204, [1, 0, 0], []]);
    expect(doors.metrics.total('kybern_ingest_items_dropped_total', { reason })).toBe(1);
  });

  test('a stale marker is told by its bytes', async () => {
    const three = Buffer.alloc(8);
    three.writeDoubleLE(3);
    const { status, written, doors } = await send([{ labels: up, samples: [at(3)] }], (body) =>
      Buffer.from('020000000000f07f', 'hex').copy(body, body.indexOf(three)),
    );
    expect([status, written]).toEqual([204, [1, 0, 0]]);
    expect(doors.metrics.total('kybern_ingest_items_dropped_total', { reason: 'stale' })).toBe(1);
  });

  test.each([
    ['no name', { job: 'testjob' }],
    ['an empty name', { __name__: '' }],
    ['no label', {}],
  ])('with %s are refused', async (_what, labels) => {
    const { status, written, kept } = await send([{ labels, samples: [at(1)] }]);
    expect([status, written, kept]).toEqual([400, [0, 0, 0], []]);
  });

  test('a series of many that is not right: the others are taken, and the counts say so', async () => {
    const good = [1, 2, 3].map((n) => ({ labels: { __name__: 'up', instance: `host-${n}` }, samples: [at(n)] }));
    const { status, written, kept, text } = await send([{ labels: { job: 'x' }, samples: [at(1)] }, ...good]);
    expect([status, written]).toEqual([400, [3, 0, 0]]);
    expect(kept).toEqual([1, 2, 3].map((n) => `up{instance="host-${n}"} ${n} @0`));
    expect(text).toContain('1 rejected');
  });

  test('with start timestamps, of the sample or of the series, are taken', async () => {
    const labels = { __name__: 'http_requests_total', job: 'api' };
    const { status, written } = await send([{ labels, samples: [{ ...at(100), startTimestamp: nowMs - 3_600_000 }] }]);
    expect([status, written]).toEqual([204, [1, 0, 0]]);
  });

  test('sent twice are taken twice', async () => {
    const doors = await openDoors();
    const body = snappy.compressSync(encodeWrite(2, request2([{ labels: up, samples: [at(1)] }])));
    for (const _time of [1, 2]) expect((await doors.post(url, body, headers)).statusCode).toBe(204);
  });
});

const basic = { sum: 1.5, timestamp: nowMs };
const positive = {
  positiveSpans: [
    { offset: 0, length: 3 },
    { offset: 2, length: 2 },
  ],
  positiveDeltas: [1, 2, 1, 3, 1],
};
const negative = { negativeSpans: [{ offset: 0, length: 2 }], negativeDeltas: [1, 1] };
const custom = {
  schema: -53,
  customValues: [0.1, 0.5, 1, 2.5, 5, 10],
  positiveSpans: [{ offset: 0, length: 6 }],
  positiveDeltas: [2, 1, 2, 3, -1, -2],
};

describe('native histograms (MUST)', () => {
  const name = { __name__: 'test_histogram' };
  test.each([
    [
      'positive, negative and zero buckets',
      { ...basic, ...positive, ...negative, zeroCountInt: 1, countInt: 27 },
      27,
      { 0.5: 4, 1: 5, 2: 8, 4: 12, 8: 12, 16: 12, 32: 19, 64: 27, '+Inf': 27 },
    ],
    [
      'positive and zero buckets',
      { ...basic, ...positive, zeroCountInt: 1, countInt: 24 },
      24,
      { 0.5: 1, 1: 2, 2: 5, 4: 9, 8: 9, 16: 9, 32: 16, 64: 24, '+Inf': 24 },
    ],
    ['negative buckets', { ...basic, ...negative, countInt: 3 }, 3, {}],
    ['the zero bucket', { ...basic, zeroCountInt: 1, countInt: 1 }, 1, {}],
    ['no bucket', { ...basic, countInt: 0 }, 0, {}],
    [
      'counts that are floats',
      { ...basic, countFloat: 4.5, positiveSpans: [{ offset: 0, length: 1 }], positiveCounts: [4.5] },
      4.5,
      { 0.5: 0, 1: 4.5, '+Inf': 4.5 },
    ],
  ])('of %s are kept as count, sum and cumulative buckets', async (_what, histogram, count, buckets) => {
    const { status, written, kept, doors } = await send([{ labels: name, histograms: [histogram] }]);
    expect([status, written]).toEqual([204, [0, 1, 0]]);
    expect(kept.slice(0, 2)).toEqual([`test_histogram_count{} ${count} @0`, 'test_histogram_sum{} 1.5 @0']);
    const expected = Object.entries(buckets).map(([le, upTo]) => `test_histogram_bucket{le="${le}"} ${upTo} @0`);
    expect(kept.slice(2).sort()).toEqual(expected.sort());
    expect(kept.map((_, id) => doors.catalog.get(id).kind)).toEqual(kept.map(() => 'counter'));
  });

  test('of custom buckets are kept as the buckets of a classic histogram', async () => {
    const { status, written, kept } = await send([
      { labels: name, histograms: [{ ...basic, ...custom, countInt: 30 }] },
    ]);
    expect([status, written]).toEqual([204, [0, 1, 0]]);
    const buckets = [2, 5, 10, 18, 25, 30, 30];
    const bounds = ['0.1', '0.5', '1', '2.5', '5', '10', '+Inf'];
    expect(kept.slice(2)).toEqual(bounds.map((le, part) => `test_histogram_bucket{le="${le}"} ${buckets[part]} @0`));
  });

  test('that rise and fall, by their hint or their type, are gauges', async () => {
    const histograms = [{ ...basic, countInt: 0, resetHint: 3 }];
    const { doors } = await send([
      { labels: { __name__: 'a' }, histograms },
      {
        labels: { __name__: 'b' },
        histograms: [{ ...basic, countInt: 0 }],
        metadata: { type: type.gaugeHistogram },
      },
    ]);
    expect([0, 1, 2, 3].map((id) => doors.catalog.get(id).kind)).toEqual(['gauge', 'gauge', 'gauge', 'gauge']);
  });

  test('a stale marker in place of the sum ends them', async () => {
    const three = Buffer.alloc(8);
    three.writeDoubleLE(3);
    const { status, doors } = await send([{ labels: name, histograms: [{ sum: 3, timestamp: nowMs }] }], (body) =>
      Buffer.from('020000000000f07f', 'hex').copy(body, body.indexOf(three)),
    );
    expect(status).toBe(204);
    expect(doors.metrics.total('kybern_ingest_items_dropped_total', { reason: 'stale' })).toBe(1);
  });

  test('all of them that are known, each at the time of the marker', async () => {
    const doors = await openDoors();
    const post = async (histograms: readonly object[], patch: (body: Buffer) => void = () => {}) => {
      const body = encodeWrite(2, request2([{ labels: name, histograms }]));
      patch(body);
      expect((await doors.post(url, snappy.compressSync(body), headers)).statusCode).toBe(204);
    };
    await post([{ ...basic, ...positive, countInt: 23 }]);
    const [sent] = doors.appended as [SampleBatch];
    const three = Buffer.alloc(8);
    three.writeDoubleLE(3);
    await post([{ sum: 3, timestamp: nowMs + 15_000 }], (body) =>
      Buffer.from('020000000000f07f', 'hex').copy(body, body.indexOf(three)),
    );
    const [, ended] = doors.appended as [SampleBatch, EndBatch];
    expect(ended.kind).toBe('ends');
    expect([...ended.series].sort()).toEqual([...new Set(sent.series)].sort());
    expect([...ended.timesMs]).toEqual([...ended.series].map(() => nowMs + 15_000));
  });

  test.each([
    ['a count that is not the sum of its buckets', { ...positive, countInt: 99 }],
    ['fewer buckets than its spans say', { ...positive, positiveDeltas: [1], countInt: 1 }],
    ['more buckets than its spans say', { ...positive, positiveDeltas: [1, 2, 1, 3, 1, 1], countInt: 32 }],
    ['a bucket below zero', { ...positive, positiveDeltas: [1, -2, 1, 3, 1], countInt: 8 }],
    ['a span that overlaps', { ...positive, positiveSpans: [{ length: 3 }, { offset: -1, length: 2 }], countInt: 23 }],
    ['a span of four billion', { positiveSpans: [{ length: 4_294_967_295 }], countInt: 0 }],
    ['a negative count of floats', { countFloat: -1 }],
    ['a count that is no number', { countFloat: Number.NaN }],
    ['an unheard-of schema', { schema: -54, countInt: 0 }],
    ['custom bounds that descend', { ...custom, customValues: [1, 0.5, 2, 3, 4, 5], countInt: 30 }],
    ['fewer custom bounds than buckets', { ...custom, customValues: [1, 2], countInt: 30 }],
    ['a zero bucket beside custom ones', { ...custom, zeroCountInt: 1, countInt: 31 }],
    ['custom bounds without custom buckets', { ...positive, customValues: [1], countInt: 23 }],
    [
      'ten thousand buckets',
      { positiveSpans: [{ length: 10_000 }], positiveDeltas: Array(10_000).fill(0), countInt: 0 },
    ],
  ])('B9 with %s are refused and counted', async (_what, histogram) => {
    const { status, written, kept, doors } = await send([{ labels: name, histograms: [{ ...basic, ...histogram }] }]);
    expect([status, written, kept]).toEqual([400, [0, 0, 0], []]);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'invalid' })).toBe(1);
  });

  test('B9 beside samples in one series: neither is taken', async () => {
    const { status, written, kept } = await send([
      { labels: name, samples: [at(1)], histograms: [{ ...basic, countInt: 0 }] },
      { labels: up, samples: [at(1)] },
    ]);
    expect([status, written]).toEqual([400, [1, 0, 0]]);
    expect(kept).toHaveLength(1);
  });

  test('B9 a change of buckets, and a reset, are taken', async () => {
    const doors = await openDoors();
    const other = { ...custom, customValues: [1, 2, 3, 4, 5, 6] };
    for (const histogram of [{ ...custom, countInt: 30 }, { ...other, countInt: 30 }, { countInt: 0 }]) {
      const given = request2([{ labels: name, histograms: [{ ...basic, ...histogram }] }]);
      expect((await doors.post(url, snappy.compressSync(encodeWrite(2, given)), headers)).statusCode).toBe(204);
    }
    expect(doors.samples()).toHaveLength(9 + 9 + 2);
  });
});

describe('exemplars (MUST)', () => {
  test.each([
    ['a trace id', { trace_id: 'abc123def456' }],
    ['a trace id and a span id', { trace_id: 'xyz789', span_id: 'span123' }],
    ['other labels', { user_id: 'user123' }],
    ['no labels', {}],
    ['labels beyond ASCII', { trace_id: 'unicode_trace_测试' }],
  ])('with %s are taken', async (_what, labels) => {
    const { status, written, doors } = await send([
      { labels: up, samples: [at(1)], exemplars: [{ labels, ...at(1) }] },
    ]);
    expect([status, written]).toEqual([204, [1, 0, 1]]);
    expect(doors.metrics.total('kybern_ingest_exemplars_total', { outcome: 'taken' })).toBe(1);
  });

  test('of a histogram, or of nothing, are taken', async () => {
    const { status, written } = await send([
      { labels: { __name__: 'h' }, histograms: [{ ...basic, countInt: 0 }], exemplars: [at(1)] },
      { labels: { __name__: 'orphan_metric' }, exemplars: [at(42)] },
    ]);
    expect([status, written]).toEqual([204, [0, 1, 2]]);
  });

  test('without a time, or of a series without a name, are refused and counted', async () => {
    const { status, written, text } = await send([
      { labels: up, samples: [at(1)], exemplars: [{ value: 1 }] },
      { labels: { job: 'x' }, exemplars: [at(1)] },
    ]);
    expect([status, written, text]).toEqual([400, [1, 0, 0], '2 exemplars rejected\n']);
  });
});

describe('metadata (MUST)', () => {
  test.each([
    ['http_requests', type.counter, 'counter'],
    ['cpu_usage_total', type.gauge, 'gauge'],
    ['request_latency', type.summary, 'gauge'],
    ['request_latency_count', type.summary, 'counter'],
    ['request_seconds_bucket', type.histogram, 'counter'],
    ['temperature_bucket', type.gaugeHistogram, 'gauge'],
    ['build_info', type.info, 'gauge'],
    ['node_state', type.stateSet, 'gauge'],
    ['some_total', 0, 'counter'],
    ['some', 99, 'gauge'],
  ])('%s of type %i is a %s', async (name, metricType, kind) => {
    const metadata = { type: metricType, help: 'Test with\nnewlines and "quotes"', unit: 'bytes/sec' };
    const { status, written, doors } = await send([{ labels: { __name__: name }, samples: [at(1)], metadata }]);
    expect([status, written]).toEqual([204, [1, 0, 0]]);
    expect(doors.catalog.get(0)).toMatchObject({ name, kind, unit: 'bytes/sec' });
  });

  test('without data is taken', async () => {
    const { status, written } = await send([{ labels: { __name__: 'orphan' }, metadata: { type: type.counter } }]);
    expect([status, written]).toEqual([204, [0, 0, 0]]);
  });
});

describe('requests (MUST)', () => {
  const good = () => snappy.compressSync(encodeWrite(2, request2([{ labels: up, samples: [at(1)] }])));

  test.each([
    ['application/json', { 'content-type': 'application/json' }],
    ['image/png', { 'content-type': 'image/png' }],
    ['gzip', { 'content-encoding': 'gzip' }],
    ['deflate', { 'content-encoding': 'deflate' }],
    ['zstd', { 'content-encoding': 'zstd' }],
    ['an unheard-of version', { 'content-type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' }],
  ])('%s: 415', async (_what, changed) => {
    const doors = await openDoors();
    expect((await doors.post(url, good(), { ...headers, ...changed })).statusCode).toBe(415);
  });

  test('an empty one: 204, and nothing was written', async () => {
    const doors = await openDoors();
    const answer = await doors.post(url, Buffer.alloc(0), headers);
    expect([answer.statusCode, answer.headers['x-prometheus-remote-write-samples-written']]).toEqual([204, '0']);
  });

  test('a body whose symbols stand behind its series is understood', async () => {
    const doors = await openDoors();
    const { symbols, timeseries } = request2([{ labels: up, samples: [at(1)] }]) as Record<string, object[]>;
    const body = Buffer.concat([encodeWrite(2, { timeseries }), encodeWrite(2, { symbols })]);
    expect((await doors.post(url, snappy.compressSync(body), headers)).statusCode).toBe(204);
    expect(doors.samples()).toHaveLength(1);
  });

  const of = (request: object) => encodeWrite(2, request);
  const samples = [at(1)];
  test.each([
    ['B1 truncated', of(request2([{ labels: up, samples }])).subarray(0, -2)],
    ['B1 random', Buffer.from('0b0c0d0e0fff', 'hex')],
    ['B1 a 1.0 body', encodeWrite(1, { timeseries: [{ labels: [{ name: '__name__', value: 'up' }], samples }] })],
    ['B10 a reference out of range', of({ symbols: ['', 'a'], timeseries: [{ labelsRefs: [1, 2], samples }] })],
    ['B10 a unit out of range', of({ symbols: [''], timeseries: [{ metadata: { unitRef: 9 } }] })],
    ['B10 an odd number of references', of({ symbols: ['', 'a'], timeseries: [{ labelsRefs: [1], samples }] })],
    ['B10 an exemplar with an odd number', of({ symbols: [''], timeseries: [{ exemplars: [{ labelsRefs: [0] }] }] })],
    ['B10 a first symbol that is not empty', of({ symbols: ['a'], timeseries: [{ labelsRefs: [0, 0], samples }] })],
    ['B10 no symbols', of({ timeseries: [{ samples }] })],
    ['B10 ten million symbols', Buffer.alloc(20_000_000, Buffer.from([0x22, 0]))],
  ])('%s: 400, and nothing is kept', async (_what, body) => {
    const doors = await openDoors();
    expect((await doors.post(url, snappy.compressSync(body), headers)).statusCode).toBe(400);
    expect(doors.appended).toEqual([]);
  });

  test('B7 more labels than the limit, and one twice: 400, counted', async () => {
    const many = Array.from({ length: 500 }, (_, index) => [`l${index}`, 'x'] as const);
    const name = ['__name__', 'a'] as const;
    const twice = [name, ['b', '1'], ['b', '2']] as const;
    const { status, kept, doors } = await send([
      { labels: [name, ...many], samples },
      { labels: twice, samples },
      { labels: up, samples },
    ]);
    expect([status, kept.length]).toEqual([400, 1]);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'labels' })).toBe(2);
  });
});

describe('backward compatibility (MAY)', () => {
  test('a 1.0 request is taken, and told nothing of what was written', async () => {
    const doors = await openDoors();
    const body = encodeWrite(1, { timeseries: [{ labels: [{ name: '__name__', value: 'up' }], samples: [at(1)] }] });
    const { 'x-prometheus-remote-write-version': _version, ...bare } = headers;
    const answer = await doors.post(url, snappy.compressSync(body), {
      ...bare,
      'content-type': 'application/x-protobuf',
    });
    expect(answer.statusCode).toBe(204);
    expect(Object.keys(answer.headers).filter((header) => header.startsWith('x-prometheus'))).toEqual([]);
    expect(doors.samples()).toEqual(['up{} 1 @0']);
  });
});

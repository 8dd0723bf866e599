import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { jsonType, nanos, openDoors, protobufType } from '../testing/door.ts';
import { attributes, decodeProto, encodeProto } from '../testing/otlp-protos.ts';

const point = (asDouble: number, more: object = {}) => ({ asDouble, timeUnixNano: nanos(), ...more });
const gauges = (...dataPoints: object[]) => ({
  resourceMetrics: [
    {
      resource: { attributes: attributes({ 'service.name': 'cart', 'process.pid': '7' }) },
      scopeMetrics: [{ metrics: [{ name: 'queue.depth', unit: '1', gauge: { dataPoints } }] }],
    },
  ],
});
const oneGauge = encodeProto('MetricsRequest', gauges(point(4)));

describe('what OTLP/HTTP answers', () => {
  test('all accepted: 200, an empty response in the request encoding', async () => {
    const doors = await openDoors();
    const binary = await doors.post('/v1/metrics', oneGauge, protobufType);
    expect([binary.statusCode, binary.headers['content-type'], binary.rawPayload.length]).toEqual([
      200,
      'application/x-protobuf',
      0,
    ]);
    const json = await doors.post('/v1/metrics', JSON.stringify(gauges(point(5))), jsonType);
    expect([json.statusCode, json.headers['content-type'], json.payload]).toEqual([200, 'application/json', '{}']);
    expect(doors.samples()).toEqual(['queue.depth{service.name="cart"} 4 @0', 'queue.depth{service.name="cart"} 5 @0']);
  });

  test.each(['/v1/metrics', '/v1/logs', '/v1/traces'])('an empty request to %s: 200', async (url) => {
    const doors = await openDoors();
    expect((await doors.post(url, '', protobufType)).statusCode).toBe(200);
    expect((await doors.post(url, '{}', jsonType)).payload).toBe('{}');
    expect(doors.appended).toEqual([]);
  });

  test('a point from the future is told as partial success, the others are kept', async () => {
    const doors = await openDoors();
    const request = gauges(point(1), point(2, { timeUnixNano: nanos(3_600_000) }));
    const binary = await doors.post('/v1/metrics', encodeProto('MetricsRequest', request), protobufType);
    expect(binary.statusCode).toBe(200);
    expect(decodeProto('ExportResponse', binary.rawPayload)).toEqual({
      partialSuccess: { rejected: '1', errorMessage: '1 rejected: 1 timestamp too far in the future' },
    });
    const json = await doors.post('/v1/metrics', JSON.stringify(request), jsonType);
    expect(json.json()).toMatchObject({ partialSuccess: { rejectedDataPoints: '1' } });
    expect(doors.samples()).toHaveLength(2);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'future' })).toBe(2);
    expect(doors.unaccounted()).toBe(0);
  });

  test('a log that cannot be written: 503 with Retry-After, and nothing counts as accepted', async () => {
    const doors = await openDoors();
    doors.log.broken = true;
    const answer = await doors.post('/v1/metrics', oneGauge, protobufType);
    expect(answer.statusCode).toBe(503);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect(decodeProto('RpcStatus', answer.rawPayload)).toMatchObject({ code: 14 });
    expect(doors.metrics.total('kybern_ingest_items_accepted_total')).toBe(0);
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'log' })).toBe(1);
    expect(doors.unaccounted()).toBe(0);
  });

  test('it acknowledges only what is durable', async () => {
    const doors = await openDoors();
    let release = () => {};
    doors.log.hold = new Promise((resolve) => {
      release = resolve;
    });
    let answered = false;
    const answer = doors.post('/v1/metrics', oneGauge, protobufType).then((response) => {
      answered = true;
      return response;
    });
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(answered).toBe(false);
    release();
    expect((await answer).statusCode).toBe(200);
  });

  test('more bodies at once than there is room for: 503 with Retry-After, then it goes on', async () => {
    const doors = await openDoors({ concurrentBytes: 1024 });
    let release = () => {};
    doors.log.hold = new Promise((resolve) => {
      release = resolve;
    });
    const large = encodeProto('MetricsRequest', gauges(...Array.from({ length: 50 }, (_, value) => point(value))));
    expect(large.length).toBeGreaterThan(1024);
    const first = doors.post('/v1/metrics', large, protobufType);
    await new Promise((resolve) => setTimeout(resolve, 30));
    const second = await doors.post('/v1/metrics', large, protobufType);
    expect([second.statusCode, second.headers['retry-after']]).toEqual([503, '2']);
    release();
    expect((await first).statusCode).toBe(200);
    expect((await doors.post('/v1/metrics', large, protobufType)).statusCode).toBe(200);
  });

  test('profiles, still in development: 404 with a Status', async () => {
    const doors = await openDoors();
    const answer = await doors.post('/v1development/profiles', oneGauge, protobufType);
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([404, 'application/x-protobuf']);
    expect(decodeProto('RpcStatus', answer.rawPayload)).toMatchObject({ code: 12 });
  });

  test('GET: 405', async () => {
    const doors = await openDoors();
    const answer = await doors.app.inject({ method: 'GET', url: '/v1/metrics' });
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'POST']);
    expect(answer.json()).toMatchObject({ code: 12 });
  });
});

describe('bodies', () => {
  const good = gzipSync(oneGauge);

  test.each([
    ['gzip', good, { 'content-encoding': 'gzip' }],
    [
      'gzip of several members',
      Buffer.concat([gzipSync(oneGauge.subarray(0, 9)), gzipSync(oneGauge.subarray(9))]),
      { 'content-encoding': 'GZIP' },
    ],
    ['zstd', zstdCompressSync(oneGauge), { 'content-encoding': 'zstd' }],
    ['none', oneGauge, { 'content-encoding': 'identity' }],
  ])('B3 %s is taken', async (_what, body, headers) => {
    const doors = await openDoors();
    expect((await doors.post('/v1/metrics', body, { ...protobufType, ...headers })).statusCode).toBe(200);
    expect(doors.samples()).toHaveLength(1);
  });

  const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024));
  const nested = gzipSync(gzipSync(Buffer.alloc(1024 * 1024)));
  const badCrc = Buffer.from(good);
  badCrc[badCrc.length - 6] ^= 0xff;
  test.each([
    ['a bomb of 1000:1', bomb, 413],
    ['a truncated one', good.subarray(0, good.length - 4), 400],
    ['a bad checksum', badCrc, 400],
    ['one in another', nested, 400],
    ['no gzip at all', Buffer.from('hello'), 400],
  ])('B3 gzip, %s: refused in a second', async (_what, body, status) => {
    const doors = await openDoors();
    const started = performance.now();
    const answer = await doors.post('/v1/metrics', body, { ...protobufType, 'content-encoding': 'gzip' });
    expect(answer.statusCode).toBe(status);
    expect(decodeProto('RpcStatus', answer.rawPayload)).toMatchObject({ message: expect.stringContaining('KYBERN_') });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(doors.appended).toEqual([]);
  });

  test('a body over the limit as sent: 413 with a Status', async () => {
    const doors = await openDoors({ bodyBytes: 1024, compressedBytes: 1024 });
    const answer = await doors.post('/v1/metrics', Buffer.alloc(2000), protobufType);
    expect(answer.statusCode).toBe(413);
    expect(decodeProto('RpcStatus', answer.rawPayload)).toMatchObject({ code: 8 });
  });

  test.each([
    ['truncated', oneGauge.subarray(0, oneGauge.length - 3)],
    ['random', Buffer.from('ffffffffffffffffffffff', 'hex')],
    ['of another schema', encodeProto('WriteRequestV2', { symbols: ['', 'a'] })],
    ['text', Buffer.from('not protobuf at all')],
    ['JSON', Buffer.from('{"resourceMetrics":[]}')],
  ])('B1 protobuf, %s: 400 with a Status in protobuf', async (_what, body) => {
    const doors = await openDoors();
    for (const url of ['/v1/metrics', '/v1/logs', '/v1/traces']) {
      const answer = await doors.post(url, body, protobufType);
      expect([url, answer.statusCode, answer.headers['content-type']]).toEqual([url, 400, 'application/x-protobuf']);
      expect(decodeProto('RpcStatus', answer.rawPayload)).toMatchObject({ code: 3 });
    }
    expect(doors.appended).toEqual([]);
    expect(doors.metrics.total('kybern_ingest_requests_total', { status: '400' })).toBe(3);
  });

  test.each([
    ['application/json\t', 415],
    ['application/json;\tcharset=utf-8', 415],
    [' application/json', 415],
    ['application/json garbage', 415],
    ['application/json; charset=utf-8; charset=utf-16', 415],
    ['application/json; charset=latin1', 415],
    ['text/plain', 415],
    ['', 415],
    ['application/json, application/x-protobuf', 415],
    ['application/json; charset=UTF-8', 200],
    ['APPLICATION/JSON', 200],
    ['application/json;charset="utf-8"', 200],
  ])('B4 content type %j: %i', async (type, status) => {
    const doors = await openDoors();
    const answer = await doors.post('/v1/metrics', JSON.stringify(gauges(point(1))), { 'content-type': type });
    expect(answer.statusCode).toBe(status);
    expect(doors.samples()).toHaveLength(status === 200 ? 1 : 0);
    if (status === 415)
      expect(answer.json()).toMatchObject({ message: expect.stringContaining('KYBERN_CONTENT_TYPE') });
  });

  test('B4 no content type: 415; an unknown encoding: 415', async () => {
    const doors = await openDoors();
    expect((await doors.post('/v1/metrics', oneGauge, {})).statusCode).toBe(415);
    const brotli = { ...protobufType, 'content-encoding': 'br' };
    expect((await doors.post('/v1/metrics', oneGauge, brotli)).statusCode).toBe(415);
  });
});

import { connect, constants } from 'node:http2';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test } from 'vitest';
import type { IngestLimits } from '../config.ts';
import { nanos, openDoors } from '../testing/door.ts';
import { decodeProto, encodeProto } from '../testing/otlp-protos.ts';

const point = (asDouble: number, more: object = {}) => ({ asDouble, timeUnixNano: nanos(), ...more });
const gauges = (...dataPoints: object[]) =>
  encodeProto('MetricsRequest', {
    resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints } }] }] }],
  });
const oneGauge = gauges(point(4));

const exportOf = (service: string) => `/opentelemetry.proto.collector.${service}/Export`;
const metricsPath = exportOf('metrics.v1.MetricsService');
const paths = [metricsPath, exportOf('logs.v1.LogsService'), exportOf('trace.v1.TraceService')];

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function openGrpc(limits: Partial<IngestLimits> = {}) {
  const doors = await openDoors(limits);
  const { grpc } = doors;
  if (grpc === undefined) throw new Error('OTLP/gRPC is on by default');
  const address = await grpc.listen({ host: '127.0.0.1', port: 0 });
  ends.push(() => grpc.close());
  return { ...doors, server: grpc, address };
}

/** A call as grpc-js makes it: the response, or the error. */
function callOf(address: string, compression = 0) {
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compression,
    'grpc.enable_retries': 0,
  });
  ends.push(() => client.close());
  const same = (bytes: Buffer) => bytes;
  return (path: string, body: Uint8Array) =>
    new Promise<{ code: number; message: string; details: Buffer | undefined; response?: Buffer }>((resolve) =>
      client.makeUnaryRequest(
        path,
        same,
        same,
        Buffer.from(body),
        new Metadata(),
        (error: ServiceError | null, response?: Buffer) =>
          resolve({
            code: error?.code ?? status.OK,
            message: error?.details ?? '',
            details: error?.metadata.get('grpc-status-details-bin')[0] as Buffer | undefined,
            ...(response === undefined ? {} : { response }),
          }),
      ),
    );
}

/** A call by hand: these bytes as the body, and the answer's headers and trailers. */
function rawCall(address: string, body: readonly Buffer[], headers: Readonly<Record<string, string>> = {}) {
  return new Promise<Record<string, unknown>>((resolve, reject) => {
    const session = connect(`http://${address}`);
    session.on('error', reject);
    const stream = session.request({
      ':method': 'POST',
      ':path': metricsPath,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...headers,
    });
    const got: Record<string, unknown> = {};
    stream.on('response', (answer) => Object.assign(got, answer));
    stream.on('trailers', (trailers) => Object.assign(got, trailers));
    stream.on('error', () => {});
    stream.on('close', () => {
      session.destroy();
      resolve(got);
    });
    stream.resume();
    for (const part of body) stream.write(part);
    stream.end();
  });
}

function framed(message: Uint8Array, compressed = 0): Buffer {
  const frame = Buffer.alloc(5 + message.length);
  frame[0] = compressed;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, 5);
  return frame;
}

describe('what OTLP/gRPC answers', () => {
  test('all accepted: OK and an empty response', async () => {
    const doors = await openGrpc();
    const answer = await callOf(doors.address)(metricsPath, oneGauge);
    expect([answer.code, answer.response?.length]).toEqual([status.OK, 0]);
    expect(doors.samples()).toEqual(['m{} 4 @0']);
    expect(doors.metrics.total('kybern_ingest_items_accepted_total', { protocol: 'otlp-grpc' })).toBe(1);
    expect(doors.metrics.total('kybern_ingest_requests_total', { protocol: 'otlp-grpc', status: '0' })).toBe(1);
  });

  test.each(paths)('an empty request to %s: OK', async (path) => {
    const doors = await openGrpc();
    expect((await callOf(doors.address)(path, new Uint8Array(0))).code).toBe(status.OK);
    expect(doors.appended).toEqual([]);
  });

  test('some rejected: OK with partial success, the others are kept', async () => {
    const doors = await openGrpc();
    const body = gauges(point(1), point(2, { timeUnixNano: nanos(3_600_000) }));
    const { code, response } = await callOf(doors.address)(metricsPath, body);
    expect(code).toBe(status.OK);
    expect(decodeProto('ExportResponse', response ?? Buffer.of())).toEqual({
      partialSuccess: { rejected: '1', errorMessage: '1 rejected: 1 timestamp too far in the future' },
    });
    expect([doors.samples(), doors.unaccounted()]).toEqual([['m{} 1 @0'], 0]);
  });

  test('the log cannot be written: UNAVAILABLE with RetryInfo of two seconds, nothing accepted', async () => {
    const doors = await openGrpc();
    doors.log.broken = true;
    const { code, message, details } = await callOf(doors.address)(metricsPath, oneGauge);
    expect(code).toBe(status.UNAVAILABLE);
    const told = decodeProto('RpcStatus', details ?? Buffer.of());
    expect(told).toMatchObject({ code, message });
    const [info] = told.details as { typeUrl: string; value: Uint8Array }[];
    expect(info.typeUrl).toBe('type.googleapis.com/google.rpc.RetryInfo');
    expect(decodeProto('RetryInfo', info.value)).toEqual({ retryDelay: { seconds: '2' } });
    expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'log' })).toBe(1);
    doors.log.broken = false;
    expect((await callOf(doors.address)(metricsPath, oneGauge)).code).toBe(status.OK);
  });

  test('an error of ours: UNAVAILABLE, never INTERNAL', async () => {
    const doors = await openGrpc();
    const broken = Promise.reject(new Error('a defect of a test'));
    broken.catch(() => {});
    doors.log.hold = broken;
    expect(await callOf(doors.address)(metricsPath, oneGauge)).toMatchObject({ code: status.UNAVAILABLE });
  });

  test('more bodies at once than there is room for: UNAVAILABLE, then it goes on', async () => {
    const doors = await openGrpc({ concurrentBytes: 1024 });
    const call = callOf(doors.address);
    let release = () => {};
    doors.log.hold = new Promise((resolve) => {
      release = resolve;
    });
    const large = gauges(...Array.from({ length: 50 }, (_, value) => point(value)));
    const first = call(metricsPath, large);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await call(metricsPath, large)).code).toBe(status.UNAVAILABLE);
    release();
    expect((await first).code).toBe(status.OK);
    expect((await call(metricsPath, large)).code).toBe(status.OK);
  });

  test.each([
    '/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export',
    '/grpc.health.v1.Health/Check',
  ])('%s: UNIMPLEMENTED', async (path) => {
    const doors = await openGrpc();
    expect((await callOf(doors.address)(path, oneGauge)).code).toBe(status.UNIMPLEMENTED);
  });
});

describe('bodies over gRPC', () => {
  test.each([
    ['truncated', oneGauge.subarray(0, oneGauge.length - 3)],
    ['random', Buffer.from('ffffffffffffffffffffff', 'hex')],
    ['of another schema', encodeProto('WriteRequestV2', { symbols: ['', 'a'] })],
  ])('B1 %s: INVALID_ARGUMENT', async (_what, body) => {
    const doors = await openGrpc();
    const call = callOf(doors.address);
    for (const path of paths) {
      const { code, details } = await call(path, body);
      expect([path, code]).toEqual([path, status.INVALID_ARGUMENT]);
      expect(decodeProto('RpcStatus', details ?? Buffer.of())).not.toHaveProperty('details');
    }
    expect(doors.appended).toEqual([]);
  });

  test('gzip as grpc-js compresses it is taken', async () => {
    const doors = await openGrpc();
    expect((await callOf(doors.address, 2)(metricsPath, gauges(point(1), point(2)))).code).toBe(status.OK);
    expect(doors.samples()).toHaveLength(2);
  });

  const good = gzipSync(oneGauge);
  const badCrc = Buffer.from(good);
  badCrc[badCrc.length - 6] ^= 0xff;
  test.each([
    ['gzip', good, 'gzip', status.OK],
    ['zstd', zstdCompressSync(oneGauge), 'zstd', status.OK],
    ['a bomb of 1000:1', gzipSync(Buffer.alloc(100 * 1024 * 1024)), 'gzip', status.RESOURCE_EXHAUSTED],
    ['a truncated one', good.subarray(0, good.length - 4), 'gzip', status.INVALID_ARGUMENT],
    ['a bad checksum', badCrc, 'gzip', status.INVALID_ARGUMENT],
    ['no gzip at all', Buffer.from('hello'), 'gzip', status.INVALID_ARGUMENT],
    ['an encoding that nobody has', good, 'brotli', status.UNIMPLEMENTED],
  ])('B3 compressed, %s', async (_what, body, encoding, code) => {
    const doors = await openGrpc();
    const started = performance.now();
    const answer = await rawCall(doors.address, [framed(body, 1)], { 'grpc-encoding': encoding });
    expect(answer).toMatchObject({ ':status': 200, 'grpc-status': String(code) });
    expect(performance.now() - started).toBeLessThan(1000);
    expect(doors.samples()).toHaveLength(code === status.OK ? 1 : 0);
  });

  test('more than the limit: RESOURCE_EXHAUSTED without RetryInfo, whatever is still to come', async () => {
    const doors = await openGrpc({ bodyBytes: 1024 });
    const { code, details } = await callOf(doors.address)(metricsPath, Buffer.alloc(4 << 20));
    expect(code).toBe(status.RESOURCE_EXHAUSTED);
    expect(decodeProto('RpcStatus', details ?? Buffer.of())).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(decodeProto('RpcStatus', details ?? Buffer.of())).not.toHaveProperty('details');
    expect((await callOf(doors.address)(metricsPath, oneGauge)).code).toBe(status.OK);
  });

  const declares4GiB = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
  test.each([
    ['no message', [], status.INVALID_ARGUMENT],
    ['half a prefix', [Buffer.from([0, 0])], status.INVALID_ARGUMENT],
    ['half a message', [framed(oneGauge).subarray(0, 20)], status.INVALID_ARGUMENT],
    ['two messages', [framed(oneGauge), framed(oneGauge)], status.INVALID_ARGUMENT],
    ['an unknown flag', [framed(oneGauge, 7)], status.INVALID_ARGUMENT],
    ['4 GiB declared', [declares4GiB], status.RESOURCE_EXHAUSTED],
    ['a message in many pieces', Array.from(framed(oneGauge), (byte) => Buffer.of(byte)), status.OK],
  ])('framing: %s', async (_what, body, code) => {
    const doors = await openGrpc();
    expect(await rawCall(doors.address, body)).toMatchObject({ 'grpc-status': String(code) });
    expect(doors.unaccounted()).toBe(0);
  });

  test.each([
    ['application/grpc+proto', 200, '0'],
    ['application/grpc; charset=utf-8', 200, '0'],
    ['application/grpc+json', 200, '12'],
    ['application/grpc\t', 415, undefined],
    ['application/grpc; charset', 415, undefined],
    ['application/x-protobuf', 415, undefined],
  ])('B4 content type %j: HTTP %i, gRPC %s', async (type, http, code) => {
    const doors = await openGrpc();
    const answer = await rawCall(doors.address, [framed(oneGauge)], { 'content-type': type });
    expect([answer[':status'], answer['grpc-status']]).toEqual([http, code]);
  });
});

describe('connections', () => {
  test('a sender that gives up in its body leaves nothing behind', async () => {
    const doors = await openGrpc({ concurrentBytes: 1024 });
    for (let time = 0; time < 3; time++) {
      const session = connect(`http://${doors.address}`);
      const stream = session.request({ ':method': 'POST', ':path': metricsPath, 'content-type': 'application/grpc' });
      stream.on('error', () => {});
      stream.write(Buffer.concat([Buffer.from([0, 0, 0, 2, 0]), Buffer.alloc(100)]));
      await new Promise((resolve) => setTimeout(resolve, 20));
      stream.close(constants.NGHTTP2_CANCEL);
      await new Promise((resolve) => setTimeout(resolve, 20));
      session.destroy();
    }
    expect((await callOf(doors.address)(metricsPath, oneGauge)).code).toBe(status.OK);
    expect(doors.unaccounted()).toBe(0);
  });

  test('what is no HTTP/2 ends, and the next sender is served', async () => {
    const doors = await openGrpc();
    await expect(fetch(`http://${doors.address}/v1/metrics`, { method: 'POST', body: 'x' })).rejects.toThrow();
    expect((await callOf(doors.address)(metricsPath, oneGauge)).code).toBe(status.OK);
  });

  test('a close answers the call under way, and takes no other', async () => {
    const doors = await openGrpc();
    let release = () => {};
    doors.log.hold = new Promise((resolve) => {
      release = resolve;
    });
    const underWay = callOf(doors.address)(metricsPath, oneGauge);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = doors.server.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const after = await callOf(doors.address)(metricsPath, oneGauge);
    expect(after.code).toBe(status.UNAVAILABLE);
    release();
    expect((await underWay).code).toBe(status.OK);
    await closed;
    expect(doors.samples()).toEqual(['m{} 4 @0']);
  });

  test('a port that is taken is said so', async () => {
    const doors = await openGrpc();
    const port = Number(doors.address.split(':')[1]);
    const other = await openDoors();
    await expect(other.grpc?.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});

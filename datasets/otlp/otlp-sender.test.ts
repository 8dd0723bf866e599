import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import type { Clock } from '../../model/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { encodeFrame } from './encode-frame.ts';
import { createOtlpSender } from './otlp-sender.ts';

const frame: TelemetryFrame = {
  atMs: 0,
  metrics: [{ name: 'm', unit: '', kind: 'gauge', timeMs: 5, value: 1, resource: { a: 'b' }, attributes: {} }],
  logs: [],
  spans: [],
};

/** A clock whose sleeps take no time and are noted. */
function hastyClock(): Clock & { readonly slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => 0,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      return true;
    },
  };
}

/** A receiver that answers in this order, then 200 for ever; a status of 0 is a broken connection. */
function receiver(...answers: readonly { status: number; retryAfter?: string }[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const left = [...answers];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    requests.push({ url: String(url), init });
    const { status, retryAfter } = left.shift() ?? { status: 200 };
    if (status === 0) throw new TypeError('fetch failed');
    return new Response('', { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } });
  };
  return { requests, fetch };
}

test('each signal goes to its own path as protobuf', async () => {
  const { requests, fetch } = receiver();
  const send = createOtlpSender({ url: 'http://kybern:4318/', clock: hastyClock(), fetch });
  const deliveries = await send(frame);
  expect(requests.map(({ url }) => url)).toEqual(['http://kybern:4318/v1/metrics']);
  expect(requests[0].init.headers).toMatchObject({ 'content-type': 'application/x-protobuf' });
  expect(requests[0].init.body).toEqual(encodeFrame(frame).metrics);
  expect(deliveries).toMatchObject([{ signal: 'metrics', outcome: 'accepted', attempts: 1 }]);
});

test('gzip, when asked for, is said and done', async () => {
  const { requests, fetch } = receiver();
  await createOtlpSender({ url: 'http://kybern', clock: hastyClock(), fetch, gzip: true })(frame);
  expect(requests[0].init.headers).toMatchObject({ 'content-encoding': 'gzip' });
  expect(new Uint8Array(gunzipSync(requests[0].init.body as Uint8Array))).toEqual(encodeFrame(frame).metrics);
});

test('overload is waited for as long as the receiver says', async () => {
  const clock = hastyClock();
  const { fetch } = receiver({ status: 503, retryAfter: '7' }, { status: 429, retryAfter: '2' });
  const deliveries = await createOtlpSender({ url: 'http://kybern', clock, fetch })(frame);
  expect(clock.slept).toEqual([7000, 2000]);
  expect(deliveries).toMatchObject([{ outcome: 'accepted', attempts: 3 }]);
});

test('without Retry-After, and on a broken connection, it backs off with jitter', async () => {
  const clock = hastyClock();
  const { fetch } = receiver({ status: 0 }, { status: 502 }, { status: 504 });
  const deliveries = await createOtlpSender({ url: 'http://kybern', clock, fetch })(frame);
  expect(deliveries).toMatchObject([{ outcome: 'accepted', attempts: 4 }]);
  clock.slept.forEach((waited, index) => {
    const usual = 1000 * 1.5 ** index;
    expect(waited).toBeGreaterThanOrEqual(0.8 * usual);
    expect(waited).toBeLessThanOrEqual(1.2 * usual);
  });
});

test.each([400, 413, 415, 500])('a refusal with %i is final', async (status) => {
  const clock = hastyClock();
  const { requests, fetch } = receiver({ status });
  const deliveries = await createOtlpSender({ url: 'http://kybern', clock, fetch })(frame);
  expect(deliveries).toEqual([{ signal: 'metrics', outcome: 'dropped', attempts: 1, reason: `HTTP ${status}` }]);
  expect(requests).toHaveLength(1);
});

test('after its last attempt it gives up and says why', async () => {
  const { requests, fetch } = receiver({ status: 503 }, { status: 503 });
  const deliveries = await createOtlpSender({ url: 'http://kybern', clock: hastyClock(), fetch, attempts: 2 })(frame);
  expect(deliveries).toEqual([{ signal: 'metrics', outcome: 'dropped', attempts: 2, reason: 'HTTP 503' }]);
  expect(requests).toHaveLength(2);
});

test('over a real connection the body arrives as it was encoded', async () => {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    bodies.push(await buffer(request));
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const deliveries = await createOtlpSender({ url: `http://127.0.0.1:${port}`, clock: hastyClock() })(frame);
  server.closeAllConnections();
  server.close();
  expect(deliveries).toMatchObject([{ outcome: 'accepted' }]);
  expect(new Uint8Array(bodies[0])).toEqual(encodeFrame(frame).metrics);
});

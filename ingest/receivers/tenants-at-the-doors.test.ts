import { afterAll, describe, expect, test } from 'vitest';
import { jsonType, nanos, nowMs, openDoors } from '../testing/door.ts';

const limits = { itemsPerSecond: 0, burstItems: 0, activeSeries: 0 };
const doors = await openDoors(
  {},
  {
    tenants: {
      header: 'x-scope-orgid',
      known: [
        { ...limits, name: 'acme' },
        { ...limits, name: 'slow', itemsPerSecond: 1, burstItems: 1 },
      ],
      most: 10,
      ...limits,
    },
  },
);
afterAll(() => doors.app.close());

const gauge = (attributes: object[] = []) =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes },
        scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: nanos(), asDouble: 1 }] } }] }],
      },
    ],
  });
const stream = JSON.stringify({ streams: [{ stream: { app: 'a' }, values: [[`${nowMs}000000`, 'hello']] }] });

const senders = [
  ['OTLP', '/v1/metrics', gauge()],
  ['Loki', '/loki/api/v1/push', stream],
] as const;

describe.each(senders)('%s', (_door, url, body) => {
  test.each([
    ['without a name', {}],
    ['with an unknown one', { 'x-scope-orgid': 'other' }],
  ])('%s is refused for good', async (_what, headers) => {
    const answer = await doors.post(url, body, { ...jsonType, ...headers });
    expect(answer.statusCode).toBe(403);
    expect(answer.body).toContain('KYBERN_TENANT');
  });

  test('with a known name is taken', async () => {
    const answer = await doors.post(url, body, { ...jsonType, 'x-scope-orgid': 'acme' });
    expect(answer.statusCode).toBeLessThan(300);
  });
});

test("a sender's own label `tenant` does not make it another tenant", async () => {
  const forged = gauge([{ key: 'tenant', value: { stringValue: 'slow' } }]);
  await doors.post('/v1/metrics', forged, { ...jsonType, 'x-scope-orgid': 'acme' });
  expect(doors.samples().at(-1)).toContain('tenant="acme"');
});

test('a tenant over its rate is told to come again, in the words of each protocol; the others are not', async () => {
  const send = (url: string, body: string, tenant: string) =>
    doors.post(url, body, { ...jsonType, 'x-scope-orgid': tenant });
  // The first body takes the bucket below nothing.
  for (let n = 0; n < 2; n++) await send('/v1/metrics', gauge(), 'slow');
  const otlp = await send('/v1/metrics', gauge(), 'slow');
  expect([otlp.statusCode, Number(otlp.headers['retry-after'])]).toEqual([503, expect.any(Number)]);
  const loki = await send('/loki/api/v1/push', stream, 'slow');
  expect(loki.statusCode).toBe(429);
  expect((await send('/v1/metrics', gauge(), 'acme')).statusCode).toBe(200);
});

test('everything is accounted for', () => expect(doors.unaccounted()).toBe(0));

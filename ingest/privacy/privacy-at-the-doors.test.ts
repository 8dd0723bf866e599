import snappy from 'snappy';
import { afterAll, describe, expect, test } from 'vitest';
import { textAt } from '../../model/index.ts';
import { jsonType, nanos, nowMs, openDoors, protobufType } from '../testing/door.ts';
import { encodeWrite } from '../testing/write-protos.ts';
import { privacyConfig } from './testing/privacy-config.ts';

const pins = [
  { namespace: 'shop', tenant: '', region: 'eu', otherwise: 'refuse' },
  { namespace: '', tenant: 'acme', region: 'eu', otherwise: 'refuse' },
] as const;
const doors = await openDoors(
  {},
  { privacy: privacyConfig({ drop: ['card'] }), residency: { region: 'us', pins: [...pins] } },
);
afterAll(() => doors.app.close());

const attribute = (key: string, value: string) => ({ key, value: { stringValue: value } });
const otlp = (namespace: string) =>
  JSON.stringify({
    resourceMetrics: [
      {
        resource: { attributes: [attribute('k8s.namespace.name', namespace)] },
        scopeMetrics: [{ metrics: [{ name: 'm', gauge: { dataPoints: [{ timeUnixNano: nanos(), asDouble: 1 }] } }] }],
      },
    ],
  });
const loki = (namespace: string, line = 'hello') =>
  JSON.stringify({
    streams: [
      {
        stream: { app: 'a', namespace },
        values: [
          [nanos(), line],
          [nanos(1), 'plain'],
        ],
      },
    ],
  });
const write = (namespace: string) => {
  const labels = Object.entries({ __name__: 'up', namespace }).map(([name, value]) => ({ name, value }));
  return snappy.compressSync(encodeWrite(1, { timeseries: [{ labels, samples: [{ value: 1, timestamp: nowMs }] }] }));
};
const alert = (namespace: string) =>
  JSON.stringify({
    version: '4',
    groupKey: namespace,
    truncatedAlerts: 0,
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'A', service: 'cart', namespace },
        annotations: {},
        startsAt: new Date(nowMs).toISOString(),
      },
    ],
  });

const senders = [
  ['OTLP', '/v1/metrics', jsonType, otlp, 200],
  ['Loki', '/loki/api/v1/push', jsonType, loki, 400],
  ['remote-write', '/api/v1/write', protobufType, write, 400],
  ['Alertmanager', '/api/v1/alerts/webhook', jsonType, alert, 400],
] as const;

describe.each(senders)('%s', (_door, url, type, bodyOf, status) => {
  test.each(['once', 'again'])('what is pinned elsewhere is refused for good, %s', async () => {
    const before = doors.appended.length;
    const answer = await doors.post(url, bodyOf('shop'), type);
    expect(answer.statusCode).toBe(status);
    expect(answer.body).toContain('pinned to another region');
    expect(doors.appended.length).toBe(before);
    expect(doors.unaccounted()).toBe(0);
  });

  test('what is not pinned is taken', async () => {
    const before = doors.appended.length;
    expect((await doors.post(url, bodyOf('other'), type)).statusCode).toBeLessThan(300);
    expect(doors.appended.length).toBe(before + 1);
  });
});

test('refusals are counted as such', () => {
  expect(doors.metrics.total('kybern_ingest_items_rejected_total', { reason: 'residency' })).toBe(2 + 4 + 2 + 2);
});

test('a log record that a rule drops is refused, and those beside it are taken', async () => {
  const answer = await doors.post('/loki/api/v1/push', loki('other', 'card 4111 1111 1111 1111'), jsonType);
  expect(answer.statusCode).toBe(400);
  expect(answer.body).toContain('1 rejected: 1 holds what is not to be kept');
  const last = doors.appended.at(-1);
  expect(last?.kind === 'logs' && [last.count, textAt(last.bodies, 0), last.timesMs[0]]).toEqual([
    1,
    'plain',
    nowMs + 1,
  ]);
  expect(doors.unaccounted()).toBe(0);
});

import { describe, expect, it } from 'vitest';
import { type ClusterBatch, describeEntity } from '../../model/index.ts';
import { jsonType, nowMs, openDoors } from '../testing/door.ts';

const url = '/api/v1/alerts/webhook';
const startsAt = new Date(nowMs - 60_000).toISOString();
const firing = {
  status: 'firing',
  labels: { alertname: 'HighErrorRate', namespace: 'shop', service: 'cart', severity: 'critical' },
  annotations: { summary: '12 % of requests fail', runbook_url: 'https://runbooks.example' },
  startsAt,
  endsAt: '0001-01-01T00:00:00Z',
  generatorURL: 'http://prometheus:9090/graph?g0.expr=x',
  fingerprint: 'a8f5f167f44f4964',
};
const resolved = { ...firing, status: 'resolved', endsAt: new Date(nowMs - 1000).toISOString() };

/** As Alertmanager 0.33.1 sends it. */
const message = (alerts: readonly unknown[], more: object = {}) => ({
  receiver: 'kybern',
  status: 'firing',
  alerts,
  notification_reason: 'group_changed',
  groupLabels: { alertname: 'HighErrorRate' },
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager:9093',
  version: '4',
  groupKey: '{}:{alertname="HighErrorRate"}',
  truncatedAlerts: 0,
  ...more,
});

async function openAlerts(limits = {}) {
  const doors = await openDoors(limits);
  return {
    ...doors,
    send: (body: unknown, headers: Record<string, string> = jsonType) =>
      doors.post(url, typeof body === 'string' ? body : JSON.stringify(body), headers),
    events: () =>
      doors.appended.filter((batch): batch is ClusterBatch => batch.kind === 'cluster').flatMap(({ events }) => events),
  };
}

describe("Alertmanager's webhook answers", () => {
  it('204, with the alert on the entity that its labels name', async () => {
    const { send, events, unaccounted } = await openAlerts();
    expect((await send(message([firing, resolved]))).statusCode).toBe(204);
    const [first, second] = events();
    expect(describeEntity(first.entity)).toBe('service shop/cart');
    expect(first).toMatchObject({
      atMs: nowMs - 60_000,
      reason: 'HighErrorRate',
      type: 'Warning',
      message: '12 % of requests fail',
      origin: 'alertmanager',
      alert: { state: 'firing', severity: 'critical', fingerprint: 'a8f5f167f44f4964', startedAtMs: nowMs - 60_000 },
    });
    expect(second).toMatchObject({
      atMs: nowMs - 1000,
      type: 'Normal',
      alert: { state: 'resolved', endedAtMs: nowMs - 1000 },
    });
    expect(unaccounted()).toBe(0);
  });

  it.each([
    ['version 3', message([firing], { version: '3' })],
    ['no version', message([firing], { version: undefined })],
    ['no groupKey', message([firing], { groupKey: undefined })],
    ['no alerts', message([firing], { alerts: undefined })],
    ['an array', [firing]],
    ['no JSON', 'nonsense'],
    ['deep nesting', `{"version":"4","alerts":${'['.repeat(200_000)}`],
  ])('400 to %s', async (_what, body) => {
    const { send, appended } = await openAlerts();
    expect((await send(body)).statusCode).toBe(400);
    expect(appended).toEqual([]);
  });

  it('400 where an alert is refused, with the good kept', async () => {
    const { send, events, unaccounted } = await openAlerts();
    const bad = [
      7,
      { ...firing, labels: { severity: 'critical' } },
      { ...firing, status: 'pending' },
      { ...firing, startsAt: 'lunchtime' },
      { ...firing, status: 'resolved', endsAt: undefined },
      { ...firing, startsAt: new Date(nowMs + 86_400_000).toISOString() },
      { ...firing, labels: { alertname: 'A', long: 'x'.repeat(10_000) } },
    ];
    const answer = await send(message([...bad, firing]));
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toMatch(/^7 rejected/);
    expect(events()).toHaveLength(1);
    expect(unaccounted()).toBe(0);
  });

  it('413 to 100,000 alerts, whether by their number or by their bytes', async () => {
    const { send } = await openAlerts();
    const body = JSON.stringify(message(Array.from({ length: 100_000 }, () => ({ labels: { alertname: 'A' } }))));
    expect((await send(body)).statusCode).toBe(413);
    const small = await openAlerts({ bodyBytes: 4096 });
    expect((await small.send(body)).statusCode).toBe(413);
  });

  it('415 to another type, 503 while the log cannot be written', async () => {
    const { send, log } = await openAlerts();
    expect((await send(message([firing]), { 'content-type': 'text/plain' })).statusCode).toBe(415);
    log.broken = true;
    expect((await send(message([firing]))).statusCode).toBe(503);
  });

  it('204 to a message again: each alert has the id that it had, and another one when it ends', async () => {
    const { send, events } = await openAlerts();
    for (const alert of [firing, firing, resolved]) expect((await send(message([alert]))).statusCode).toBe(204);
    const ids = events().map(({ id }) => id);
    expect(ids[1]).toBe(ids[0]);
    expect(ids[2]).not.toBe(ids[0]);
  });

  it('204 to a message that left alerts out, and counts them', async () => {
    const { send, metrics } = await openAlerts();
    expect((await send(message([firing], { truncatedAlerts: 40 }))).statusCode).toBe(204);
    expect(metrics.total('kybern_ingest_alerts_truncated_total')).toBe(40);
  });
});

it.each([
  [{ alertname: 'A', namespace: 'shop', pod: 'cart-0', service: 'kube-state-metrics' }, 'pod shop/cart-0'],
  [{ alertname: 'A', namespace: 'shop', deployment: 'cart' }, 'workload shop/Deployment/cart'],
  [{ alertname: 'A', node: 'node-1' }, 'node node-1'],
  [{ alertname: 'A', job: 'cart' }, 'service cart'],
  [{ alertname: 'A', job: 'shop/cart', namespace: 'shop' }, 'service shop/cart'],
  [{ alertname: 'Watchdog' }, 'series Watchdog'],
])('an alert with the labels %j is on %s', async (labels, entity) => {
  const { send, events } = await openAlerts();
  await send(message([{ ...firing, labels, fingerprint: undefined }]));
  expect(describeEntity(events()[0].entity)).toBe(entity);
  expect(events()[0].alert?.fingerprint).not.toBe('');
});

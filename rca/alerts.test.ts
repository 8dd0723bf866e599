import { describe, expect, it } from 'vitest';
import type { AlertState, ClusterEvent, Incident } from '../model/index.ts';
import { alertsWithin, forgetAlerts, observeAlerts } from './evidence/alerts.ts';
import { runToy, type ToyEffect, type ToyService, toyStartMs } from './testing/toy-cluster.ts';

const shop: readonly ToyService[] = [
  { name: 'frontend', calls: ['cart', 'orders'], node: 'node-1' },
  { name: 'cart', calls: ['redis'], node: 'node-2' },
  { name: 'orders', calls: ['postgres'], node: 'node-3' },
  { name: 'redis', calls: [], node: 'node-3' },
  { name: 'postgres', calls: [], node: 'node-4' },
];
const service = (name: string, namespace = 'toy') => ({ kind: 'service', namespace, name }) as const;
const faulty = (second: number): Readonly<Record<string, ToyEffect>> =>
  second >= 200 && second < 320 ? { cart: { errorRatio: 0.3 } } : {};

type ToyEvent = Omit<ClusterEvent, 'id' | 'atMs'> & { readonly second: number };

function alertAt(second: number, name: string, entity: ToyEvent['entity'], more: Partial<AlertState> = {}): ToyEvent {
  const state = more.state ?? 'firing';
  return {
    second,
    entity,
    reason: name,
    type: state === 'firing' ? 'Warning' : 'Normal',
    message: '30 % of requests fail',
    origin: 'alertmanager',
    alert: { name, state, severity: 'critical', fingerprint: name, startedAtMs: toyStartMs + second * 1000, ...more },
  };
}

const run = (events: readonly ToyEvent[], effects = faulty) =>
  runToy({ services: shop, seconds: 400, effects, events });
const told = (incident: Incident) =>
  incident.diagnosis.causes.flatMap((cause) => cause.evidence.filter((one) => one.text.startsWith('Alertmanager:')));

describe('an alert', () => {
  it('alone opens no incident', () => {
    const calm = run([alertAt(210, 'HighErrorRate', service('cart'))], () => ({}));
    expect(calm.incidents).toEqual([]);
  });

  it('of the component at fault joins its incident as evidence', () => {
    const { incidents } = run([alertAt(210, 'HighErrorRate', service('cart'))]);
    const [evidence] = told(incidents[0]);
    expect(evidence).toMatchObject({ kind: 'event', supports: true, weight: 0.5 });
    expect(evidence.text).toBe(
      'Alertmanager: HighErrorRate (critical) firing on service toy/cart since 2026-01-05T09:03:30.000Z: 30 % of requests fail',
    );
    expect(incidents[0].events).toHaveLength(1);
  });

  it('of a neighbour joins too, and counts nothing for the cause', () => {
    const { incidents } = run([alertAt(210, 'SlowPages', service('frontend'))]);
    expect(incidents[0].diagnosis.causes[0].entity.name).toBe('cart');
    const evidence = incidents[0].diagnosis.causes[0].evidence.filter((one) => one.text.includes('SlowPages'));
    expect(evidence.map(({ weight }) => weight)).toEqual([0]);
  });

  it('of something else does not join', () => {
    const { incidents } = run([alertAt(210, 'Elsewhere', service('payroll', 'office'))]);
    expect(told(incidents[0])).toEqual([]);
    expect(incidents[0].events).toEqual([]);
  });

  it('that names no namespace is of the only service of that name', () => {
    const { incidents } = run([alertAt(210, 'HighErrorRate', service('cart', ''))]);
    expect(told(incidents[0])).toHaveLength(1);
  });

  it('that is over is told so, in a revision of its own', () => {
    const startedAtMs = toyStartMs + 210_000;
    const { revisions } = run([
      alertAt(210, 'HighErrorRate', service('cart')),
      alertAt(250, 'HighErrorRate', service('cart'), {
        state: 'resolved',
        startedAtMs,
        endedAtMs: startedAtMs + 40_000,
      }),
    ]);
    const texts = [...new Set(revisions.flatMap(told).map(({ text }) => text.replace(/:[^:]*$/, '')))];
    expect(texts).toEqual([
      'Alertmanager: HighErrorRate (critical) firing on service toy/cart since 2026-01-05T09:03:30.000Z',
      'Alertmanager: HighErrorRate (critical) fired on service toy/cart from 2026-01-05T09:03:30.000Z to 2026-01-05T09:04:10.000Z',
    ]);
  });

  it('changes neither the cause nor who is told of it', () => {
    const without = run([]);
    const withAlerts = run([
      alertAt(205, 'HighErrorRate', service('frontend')),
      alertAt(206, 'HighLatency', service('frontend')),
      alertAt(210, 'DiskFull', service('postgres')),
    ]);
    const causes = (incidents: readonly Incident[]) =>
      incidents.map(({ diagnosis }) => [diagnosis.causes[0].entity.name, diagnosis.causes[0].code]);
    expect(causes(withAlerts.incidents)).toEqual(causes(without.incidents));
  });

  it('that calls itself an OOM kill is none', () => {
    const pretended = alertAt(210, 'OOMKilled', { kind: 'pod', namespace: 'toy', name: 'cart-1' });
    expect(run([pretended], () => ({})).incidents).toEqual([]);
  });
});

describe('what is kept of alerts', () => {
  const event = (id: string, alert: Partial<AlertState>): ClusterEvent => ({
    ...{ id, atMs: 0, entity: service('cart'), reason: 'A', type: 'Warning', message: '', origin: 'alertmanager' },
    alert: { name: 'A', state: 'firing', severity: '', fingerprint: 'f', startedAtMs: 0, ...alert },
  });
  const batch = (timeMs: number, ...events: ClusterEvent[]) => ({ kind: 'cluster', timeMs, events }) as const;

  it('is the same however often, and in whichever order, it is told', () => {
    const firing = event('1', {});
    const resolved = event('2', { state: 'resolved', endedAtMs: 50 });
    const orders = [
      [firing, resolved],
      [resolved, firing],
      [firing, firing, resolved, resolved, firing],
    ];
    const kept = orders.map((events) => {
      const alerts = new Map();
      for (const one of events) observeAlerts(alerts, batch(100, one));
      return [...alerts.values()].map(({ state, endedAtMs }) => ({ state, endedAtMs }));
    });
    expect(kept).toEqual(orders.map(() => [{ state: 'resolved', endedAtMs: 50 }]));
  });

  it('ends by a telling, or by none for long', () => {
    const alerts = new Map();
    observeAlerts(alerts, batch(0, event('1', { fingerprint: 'firing' })));
    observeAlerts(alerts, batch(0, event('2', { fingerprint: 'over', state: 'resolved', endedAtMs: 5 })));
    forgetAlerts(alerts, 5, 0);
    expect(alerts.size).toBe(2);
    forgetAlerts(alerts, 6, 0);
    expect([...alerts.values()].map(({ fingerprint }) => fingerprint)).toEqual(['firing']);
    forgetAlerts(alerts, 6, 1);
    expect(alerts.size).toBe(0);
  });

  it('is bounded', () => {
    const alerts = new Map();
    const many = Array.from({ length: 12_000 }, (_, index) => event(String(index), { fingerprint: String(index) }));
    observeAlerts(alerts, batch(0, ...many));
    expect(alerts.size).toBe(10_000);
    expect(alertsWithin(alerts, { fromMs: 0, nowMs: 1 }, (entity) => entity).get('service|toy|cart')).toHaveLength(
      10_000,
    );
  });
});

describe('a change told from outside', () => {
  const deployed = (second: number, entity: ToyEvent['entity'], by = 'https://ci.example'): ToyEvent => ({
    ...{ second, entity, reason: 'dev.cdevents.service.upgraded.0.2.0', type: 'Normal', message: 'cart 1.4.2' },
    origin: 'cloudevents',
    change: { what: 'rollout', by },
  });
  const changeEvidence = (incident: Incident) =>
    incident.diagnosis.causes[0].evidence.filter(({ kind }) => kind === 'change').map(({ text }) => text);

  it('is a suspect, as one that the cluster tells', () => {
    const { incidents } = run([deployed(195, service('cart'))]);
    expect(incidents[0].diagnosis.causes[0].code).toBe('bad-rollout');
    expect(changeEvidence(incidents[0])).toEqual(['service toy/cart: dev.cdevents.service.upgraded.0.2.0: cart 1.4.2']);
  });

  it('may name the service without its namespace', () => {
    const { incidents } = run([deployed(195, service('cart', ''))]);
    expect(changeEvidence(incidents[0])).toHaveLength(1);
  });

  it('is one of its own, however many the same sender made before', () => {
    const { incidents } = run([deployed(20, service('cart')), deployed(195, service('cart'))]);
    const [change] = incidents[0].diagnosis.causes[0].evidence.filter(({ kind }) => kind === 'change');
    expect(change.at).toBe(new Date(toyStartMs + 195_000).toISOString());
  });
});

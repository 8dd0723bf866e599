import { describe, expect, it } from 'vitest';
import type { Incident } from '../model/index.ts';
import { memoryLimitMiB, podOf, runToy, type ToyEffect, type ToyService } from './testing/toy-cluster.ts';

// frontend -> cart -> redis, frontend -> orders -> postgres, and batch, that nobody calls, on the same node as cart.
const shop: readonly ToyService[] = [
  { name: 'frontend', calls: ['cart', 'orders'], node: 'node-1' },
  { name: 'cart', calls: ['redis'], node: 'node-2' },
  { name: 'orders', calls: ['postgres'], node: 'node-3' },
  { name: 'redis', calls: [], node: 'node-3' },
  { name: 'postgres', calls: [], node: 'node-4' },
  { name: 'batch', calls: [], node: 'node-2' },
];
const during = (second: number, from: number, to: number, effect: ToyEffect): ToyEffect =>
  second >= from && second < to ? effect : {};
const pod = (service: string) => ({ kind: 'pod', namespace: 'toy', name: podOf(service) }) as const;
const workload = (service: string) => ({ kind: 'workload', namespace: 'toy', name: `Deployment/${service}` }) as const;
const first = (incident: Incident) => incident.diagnosis.causes[0];
const named = (incident: Incident) => `${first(incident)?.entity.name}: ${first(incident)?.code}`;

describe('a memory leak', () => {
  const leak = (second: number): ToyEffect => {
    if (second < 200) return {};
    if (second >= 290) return { memoryMiB: 150 };
    const memoryMiB = Math.min(memoryLimitMiB, 150 + ((second - 200) / 80) * 250);
    return { memoryMiB, selfMs: memoryMiB > 300 ? 20 + (memoryMiB - 300) * 8 : 20 };
  };
  const run = runToy({
    services: shop,
    seconds: 400,
    effects: (second) => ({ cart: leak(second) }),
    events: [{ second: 285, entity: pod('cart'), reason: 'OOMKilled', type: 'Warning', message: 'exit code 137' }],
  });

  it('makes one incident that names the leaking service', () => {
    expect(run.incidents.map(named)).toEqual(['cart: memory-leak-oom-killed']);
    expect(run.incidents[0].title).toBe('cart: memory leak to OOMKilled, frontend slow');
    expect(run.incidents[0].severity).toBe('critical');
  });

  it('is named a leak before the kill, as soon as the symptom shows', () => {
    expect(named(run.revisions[0])).toBe('cart: memory-leak');
  });

  it('explains the way from the pod to the symptom', () => {
    const cause = first(run.incidents[0]);
    expect(cause.path.map((step) => `${step.edge} ${step.entity.name}`)).toEqual([
      `start ${podOf('cart')}`,
      'serves cart',
      'calls frontend',
    ]);
    expect(cause.path[0].text).toMatch(/^memory climbed steadily from 1\d\d MiB to \d+ MiB in \d+ s/);
    expect(Date.parse(cause.path[0].onset!)).toBeLessThan(Date.parse(cause.path[2].onset!));
    expect(cause.evidence.some((one) => one.kind === 'event' && one.text.includes('OOMKilled'))).toBe(true);
    expect(cause.probability).toBeGreaterThan(0.9);
  });

  it('is over when its symptoms are', () => {
    expect(run.incidents[0].state).toBe('resolved');
  });

  it('revises the incident only for news', () => {
    expect(run.revisions.length).toBeLessThan(14);
    const numbers = run.revisions.map((incident) => incident.revision);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
  });
});

describe('other causes', () => {
  it('a traffic surge: the service that it saturates', () => {
    const effects = (second: number) => {
      const grown = second < 200 ? 1 : Math.min(3, 1 + (second - 200) / 30);
      const cart = { traffic: grown, cpu: Math.min(1, 0.3 * grown), selfMs: 20 + 150 * (grown - 1) };
      return { frontend: { traffic: grown, cpu: 0.2 * grown }, cart, redis: { traffic: grown } };
    };
    const { incidents } = runToy({ services: shop, seconds: 300, effects });
    expect(incidents.map(named)).toEqual(['cart: traffic-surge']);
  });

  it('a slow database two calls away', () => {
    const effects = (second: number) => ({ postgres: during(second, 200, 300, { selfMs: 400 }) });
    const { incidents } = runToy({ services: shop, seconds: 290, effects });
    expect(incidents.map(named)).toEqual(['postgres: latency-regression']);
    expect(first(incidents[0]).path.map((step) => step.entity.name)).toEqual(['postgres', 'orders', 'frontend']);
  });

  it('a dependency that is known only from the calls to it', () => {
    const services = shop.map((one) => (one.name === 'postgres' ? { ...one, external: true } : one));
    const effects = (second: number) => ({ postgres: during(second, 200, 300, { selfMs: 400 }) });
    const { incidents } = runToy({ services, seconds: 290, effects });
    expect(incidents.map(named)).toEqual(['postgres: dependency-slow']);
  });

  describe('a service that is also called by an address of its load balancer', () => {
    const services: readonly ToyService[] = [
      ...shop.map((one) => (one.name === 'frontend' ? { ...one, calls: [...one.calls, 'orders-lb'] } : one)),
      { name: 'orders-lb', calls: [], node: 'node-9', external: true },
    ];
    const causeOf = (effects: (second: number) => Record<string, ToyEffect>) =>
      runToy({ services, seconds: 290, effects }).incidents.map((incident) => first(incident).entity.name);

    it('is named, not the address, where both deviate together', () => {
      const slow = (second: number) => during(second, 200, 300, { selfMs: 400 });
      expect(causeOf((second) => ({ orders: slow(second), 'orders-lb': slow(second) }))).toEqual(['orders']);
    });

    it('is not blamed for what only the address shows', () => {
      expect(causeOf((second) => ({ 'orders-lb': during(second, 200, 300, { selfMs: 400 }) }))).toEqual(['orders-lb']);
    });
  });

  it('traffic that a service makes by itself: that service, not the callee that feels it', () => {
    const effects = (second: number) => ({
      orders: during(second, 200, 400, { selfMs: 400 }),
      postgres: during(second, 200, 400, { traffic: 4 }),
    });
    const { incidents } = runToy({ services: shop, seconds: 300, effects });
    expect(incidents.map((incident) => first(incident).entity.name)).toEqual(['orders']);
  });

  it('a failed node under a service', () => {
    const { incidents } = runToy({
      services: shop,
      seconds: 300,
      effects: () => ({}),
      nodesDown: (second) => (second >= 200 ? ['node-2'] : []),
    });
    expect(incidents.map(named)).toEqual(['node-2: node-failure']);
  });

  it('a rollout right before the errors', () => {
    const { incidents } = runToy({
      services: shop,
      seconds: 300,
      effects: (second) => ({ orders: during(second, 210, 400, { errorRatio: 0.3 }) }),
      events: [
        {
          second: 203,
          entity: workload('orders'),
          reason: 'ScalingReplicaSet',
          type: 'Normal',
          message: 'Scaled up replica set orders-6b to 1',
          change: { what: 'rollout', by: 'release-pipeline' },
        },
      ],
    });
    expect(incidents.map(named)).toEqual(['orders: bad-rollout']);
  });

  it('a rollout elsewhere is no suspect', () => {
    const { incidents } = runToy({
      services: shop,
      seconds: 300,
      effects: (second) => ({ postgres: during(second, 210, 400, { selfMs: 500 }) }),
      events: [
        {
          second: 205,
          entity: workload('cart'),
          reason: 'ScalingReplicaSet',
          type: 'Normal',
          message: 'Scaled up replica set cart-6b to 1',
          change: { what: 'rollout', by: 'release-pipeline' },
        },
      ],
    });
    expect(incidents.map(named)).toEqual(['postgres: latency-regression']);
  });

  it('CPU that the service itself burns', () => {
    const effects = (second: number) => ({ orders: during(second, 200, 400, { cpu: 0.98, selfMs: 300 }) });
    const { incidents } = runToy({ services: shop, seconds: 300, effects });
    expect(incidents.map(named)).toEqual(['orders: cpu-saturation']);
  });

  it('a service that vanished', () => {
    const effects = (second: number) => ({ redis: during(second, 200, 400, { silent: true }) });
    const { incidents } = runToy({ services: shop, seconds: 300, effects });
    expect(incidents.map((incident) => first(incident).entity.name)).toEqual(['redis']);
  });

  it('not a loud but innocent neighbour', () => {
    const effects = (second: number) => ({
      batch: during(second, 195, 400, { cpu: 3, memoryMiB: 390, traffic: 8 }),
      cart: during(second, 205, 400, { selfMs: 300 }),
    });
    const { incidents } = runToy({ services: shop, seconds: 300, effects });
    expect(incidents.map((incident) => first(incident).entity.name)).toEqual(['cart']);
  });
});

describe('what does not open an incident', () => {
  it('a resource or traffic anomaly alone', () => {
    const effects = (second: number) => ({ batch: during(second, 200, 300, { cpu: 3, memoryMiB: 390, traffic: 5 }) });
    expect(runToy({ services: shop, seconds: 300, effects }).revisions).toEqual([]);
  });

  it('a healthy cluster', () => {
    expect(runToy({ services: shop, seconds: 600, effects: () => ({}) }).revisions).toEqual([]);
  });
});

describe('the life of incidents', () => {
  it('a new fault after the first is resolved makes a new incident', () => {
    const effects = (second: number) => ({
      postgres: during(second, 200, 260, { selfMs: 500 }),
      cart: during(second, 420, 600, { selfMs: 500 }),
    });
    const { incidents } = runToy({ services: shop, seconds: 500, effects });
    expect(incidents.map((incident) => [first(incident).entity.name, incident.state])).toEqual([
      ['postgres', 'resolved'],
      ['cart', 'open'],
    ]);
  });

  it('two faults that have nothing to do with each other are two incidents', () => {
    const services = [...shop, { name: 'reports', calls: [], node: 'node-9' }];
    const effects = (second: number) => ({
      postgres: during(second, 200, 400, { selfMs: 500 }),
      reports: during(second, 205, 400, { selfMs: 900 }),
    });
    const { incidents } = runToy({ services, seconds: 300, effects });
    expect(incidents.map((incident) => first(incident).entity.name).sort()).toEqual(['postgres', 'reports']);
  });
});

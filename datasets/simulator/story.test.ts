import { describe, expect, test } from 'vitest';
import type { ResourceAmounts } from '../../model/index.ts';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { createShopWorld, type FaultPlan, leakPlaces, type ShopWorld, storyFaults, surgeRoutes } from './index.ts';
import { broken, watchSlo } from './testing/watch-slo.ts';

const startMs = 1_700_000_000_000;

function worldWith(seed: number, ...faults: readonly FaultPlan[]): ShopWorld {
  const world = createShopWorld({ seed, startMs, scenario: { faults } });
  world.goLive();
  return world;
}

function countKills(world: ShopWorld): { atSeconds: number; pod: string }[] {
  const kills: { atSeconds: number; pod: string }[] = [];
  void world.cluster.watch((events) => {
    for (const { reason, atMs, entity } of events) {
      if (reason === 'OOMKilled') kills.push({ atSeconds: (atMs - startMs) / 1000, pod: entity.name });
    }
  }, new AbortController().signal);
  return kills;
}

async function giveMemory(world: ShopWorld, name: string, factor: number): Promise<void> {
  const target = { kind: 'Deployment', namespace: 'shop', name } as const;
  const workload = await world.cluster.workload(target);
  if (workload === undefined) throw new Error(`${name} is gone`);
  const [{ name: container, resources }] = workload.containers;
  const more = (amounts: ResourceAmounts) => ({ ...amounts, memoryBytes: (amounts.memoryBytes ?? 0) * factor });
  const to = { requests: more(resources.requests), limits: more(resources.limits) };
  const { resourceVersion } = workload;
  await world.cluster.patchTemplate(target, { resources: { container, to } }, { resourceVersion, actionId: 'act-m' });
}

async function scaleTo(world: ShopWorld, name: string, replicas: number): Promise<void> {
  const target = { kind: 'Deployment', namespace: 'shop', name } as const;
  const { resourceVersion = '' } = (await world.cluster.workload(target)) ?? {};
  await world.cluster.scale(target, replicas, { resourceVersion, actionId: 'act-s' });
}

function meanOf(frame: TelemetryFrame, metric: string, service: string): number {
  const points = frame.metrics.filter(({ name, resource }) => name === metric && resource['service.name'] === service);
  return points.reduce((sum, { value }) => sum + value, 0) / points.length;
}

test('an hour of health keeps the SLO, and shows the rhythm of its day', async () => {
  const rates: number[] = [];
  const windows = await watchSlo(worldWith(1), 3600, (frame) => {
    rates.push(frame.spans.filter(({ parentId }) => parentId === undefined).length);
  });
  expect(broken(windows)).toEqual([]);
  const minutes = Array.from({ length: 60 }, (_, at) => rates.slice(at * 30, at * 30 + 30).reduce((a, b) => a + b, 0));
  expect(Math.max(...minutes) / Math.min(...minutes)).toBeGreaterThan(1.25);
});

describe.each(leakPlaces)('a leak in %s', (target) => {
  const leak: FaultPlan = { kind: 'memory-leak', target, afterMs: 20_000, durationMs: 240_000, magnitude: 40 };

  test('drives every pod to its limit in about 40 s, again and again, and breaks the SLO for the users', async () => {
    const world = worldWith(21, leak);
    const kills = countKills(world);
    const windows = await watchSlo(world, 270);
    expect(kills[0].atSeconds - 20).toBeGreaterThan(33);
    expect(kills[0].atSeconds - 20).toBeLessThan(47);
    expect(new Set(kills.map(({ pod }) => pod)).size).toBe(2);
    expect(kills.length).toBeGreaterThan(4);
    expect(broken(windows).length).toBeGreaterThan(8);
    // Users feel the collector before the first kill, but not before memory is short.
    expect(broken(windows)[0].atSeconds).toBeGreaterThan(40);
    // Each container is restarted later than the time before.
    const ofOne = kills.filter(({ pod }) => pod === kills[0].pod).map(({ atSeconds }) => atSeconds);
    const gaps = ofOne.slice(1).map((at, index) => at - ofOne[index]);
    expect(gaps[1]).toBeGreaterThan(gaps[0]);
  });

  test('is healed by twice the memory and fresh pods', async () => {
    const world = worldWith(21, leak);
    const kills = countKills(world);
    const windows = await watchSlo(world, 270, async (_, atSeconds) => {
      if (atSeconds === 76) await giveMemory(world, target, 2);
    });
    const healed = windows.filter(({ atSeconds }) => atSeconds > 110);
    expect(broken(healed)).toEqual([]);
    expect(kills.filter(({ atSeconds }) => atSeconds > 110)).toEqual([]);
  });

  test('is not healed by a restart alone', async () => {
    const world = worldWith(21, leak);
    const windows = await watchSlo(world, 270, async (_, atSeconds) => {
      if (atSeconds === 76) await giveMemory(world, target, 1);
    });
    expect(broken(windows.filter(({ atSeconds }) => atSeconds > 110)).length).toBeGreaterThan(3);
  });
});

test('a leak that comes again finds the limit that healed the last one', async () => {
  const leak: FaultPlan = { kind: 'memory-leak', target: 'cart', afterMs: 0, durationMs: 100_000, magnitude: 40 };
  const world = worldWith(23, { ...leak, afterMs: 20_000 }, { ...leak, afterMs: 300_000 });
  const kills = countKills(world);
  await watchSlo(world, 400, async (_, atSeconds) => {
    if (atSeconds === 76) await giveMemory(world, 'cart', 2);
  });
  const again = kills.filter(({ atSeconds }) => atSeconds > 110).map(({ atSeconds }) => atSeconds - 300);
  expect(again[0]).toBeGreaterThan(33);
  expect(again[0]).toBeLessThan(47);
});

describe.each(Object.keys(surgeRoutes))('a surge on %s', (target) => {
  const surge: FaultPlan = {
    kind: 'traffic-surge',
    target,
    afterMs: 20_000,
    durationMs: 200_000,
    magnitude: 2.8,
    rampMs: 75_000,
  };

  test('saturates it and breaks the SLO when nothing is done', async () => {
    const world = worldWith(22, surge);
    let busiest = 0;
    const windows = await watchSlo(world, 250, (frame) => {
      busiest = Math.max(busiest, meanOf(frame, 'k8s.pod.cpu.usage', target));
    });
    expect(busiest).toBeGreaterThan(0.95);
    expect(broken(windows).length).toBeGreaterThan(25);
    expect(windows.at(-1)).toMatchObject({ met: true });
  });

  test('breaks nothing when it is scaled out in time', async () => {
    const world = worldWith(22, surge);
    const windows = await watchSlo(world, 250, async (_, atSeconds) => {
      if (atSeconds === 46) await scaleTo(world, target, 5);
    });
    expect(broken(windows)).toEqual([]);
  });
});

test('the story: a leak soon after the start, a surge at six minutes, elsewhere; time and place follow the seed', () => {
  const places = new Set<string>();
  const times = new Set<number>();
  for (let seed = 0; seed < 60; seed++) {
    const [leak, surge] = storyFaults(seed, 0);
    expect(leak).toMatchObject({ kind: 'memory-leak', durationMs: 240_000 });
    expect(leak.afterMs).toBeGreaterThanOrEqual(15_000);
    expect(leak.afterMs).toBeLessThanOrEqual(30_000);
    expect(surge.kind).toBe('traffic-surge');
    expect(Math.abs(surge.afterMs - 360_000)).toBeLessThanOrEqual(10_000);
    expect(surge.target).not.toBe(leak.target);
    places.add(leak.target);
    times.add(leak.afterMs);
    const [again] = storyFaults(seed, 1);
    expect(again.target).not.toBe(leak.target);
    expect(again.afterMs - leak.afterMs).toBeGreaterThan(1_180_000);
  }
  expect(places.size).toBe(leakPlaces.length);
  expect(times.size).toBeGreaterThan(50);
});

test('faults are counted from the moment the world goes live, and known only as ground truth', () => {
  const world = createShopWorld({ seed: 5, startMs });
  world.step(startMs + 600_000);
  expect(world.groundTruth).toEqual([]);
  world.goLive();
  const [leak] = world.groundTruth;
  expect(leak).toMatchObject({ cause: 'memory-leak-oom-killed', symptom: 'frontend' });
  expect(leak.startMs).toBeGreaterThanOrEqual(startMs + 615_000);
});

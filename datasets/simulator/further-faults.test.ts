import { expect, test } from 'vitest';
import type { ClusterEvent } from '../../model/index.ts';
import { createShopWorld, type FaultPlan, type ShopWorld } from './index.ts';
import { broken, watchSlo } from './testing/watch-slo.ts';

const startMs = 1_700_000_000_000;

function worldWith(fault: Omit<FaultPlan, 'afterMs' | 'durationMs'>): ShopWorld {
  const plan = { ...fault, afterMs: 20_000, durationMs: 120_000 };
  const world = createShopWorld({ seed: 31, startMs, scenario: { faults: [plan] } });
  world.goLive();
  return world;
}

function watchEvents(world: ShopWorld): ClusterEvent[] {
  const events: ClusterEvent[] = [];
  void world.cluster.watch((seen) => events.push(...seen), new AbortController().signal);
  return events;
}

test('a process that burns CPU saturates its pods and slows its users', async () => {
  const world = worldWith({ kind: 'cpu-hog', target: 'cart', magnitude: 0.9 });
  const windows = await watchSlo(world, 200);
  expect(broken(windows).length).toBeGreaterThan(10);
  expect(windows.at(-1)).toMatchObject({ met: true });
});

test('a slow database slows those who ask it, and nobody is restarted', async () => {
  const world = worldWith({ kind: 'slow-database', target: 'postgres', magnitude: 40 });
  const windows = await watchSlo(world, 200);
  expect(broken(windows).length).toBeGreaterThan(10);
  const { pods } = await world.cluster.snapshot();
  expect(pods.every(({ containers }) => containers[0].restarts === 0)).toBe(true);
});

test('a bad rollout fails requests from the moment it is out until it is taken back', async () => {
  const world = worldWith({ kind: 'bad-rollout', target: 'user', magnitude: 0.3 });
  const events = watchEvents(world);
  const windows = await watchSlo(world, 220);
  const rollouts = events.filter(({ change }) => change?.what === 'rollout');
  expect(rollouts.map(({ change, atMs }) => [change?.by, (atMs - startMs) / 1000])).toEqual([
    ['release-pipeline', 20],
    ['release-pipeline', 140],
  ]);
  expect(broken(windows).length).toBeGreaterThan(10);
  expect(windows.at(-1)).toMatchObject({ met: true });
});

test('a lost node is NotReady after a while, its pods are replaced elsewhere, and it comes back', async () => {
  const world = worldWith({ kind: 'node-down', target: 'node-2', magnitude: 1 });
  const events = watchEvents(world);
  const before = (await world.cluster.snapshot()).pods.filter(({ node }) => node === 'node-2');
  expect(before.length).toBeGreaterThan(2);
  world.step(startMs + 100_000);
  const during = await world.cluster.snapshot();
  expect(during.nodes.find(({ name }) => name === 'node-2')).toMatchObject({ ready: false });
  expect(during.pods.filter(({ node }) => node === 'node-2')).toEqual([]);
  expect(during.pods.every(({ ready }) => ready)).toBe(true);
  world.step(startMs + 200_000);
  const after = await world.cluster.snapshot();
  expect(after.nodes.every(({ ready }) => ready)).toBe(true);
  const reasons = events.map(({ reason }) => reason);
  expect(reasons).toContain('NodeNotReady');
  expect(reasons).toContain('NodeReady');
});

test('where no node has room a pod stays pending and says so', async () => {
  const world = createShopWorld({ seed: 31, startMs, scenario: { faults: [] } });
  const events = watchEvents(world);
  const target = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;
  const { resourceVersion = '' } = (await world.cluster.workload(target)) ?? {};
  await world.cluster.scale(target, 80, { resourceVersion, actionId: 'act-1' });
  world.step(startMs + 60_000);
  const pods = await world.cluster.pods(target);
  expect(pods).toHaveLength(80);
  const pending = pods.filter(({ phase }) => phase === 'Pending');
  expect(pending.length).toBeGreaterThan(10);
  expect(pending.every(({ ready, node }) => !ready && node === undefined)).toBe(true);
  expect(events.filter(({ reason }) => reason === 'FailedScheduling')).toHaveLength(pending.length);
});

test('more wanted than a node has is shared: a neighbour slows those beside it', async () => {
  const world = worldWith({ kind: 'cpu-hog', target: 'postgres', magnitude: 0.95 });
  const windows = await watchSlo(world, 130);
  const calm = windows.filter(({ atSeconds }) => atSeconds < 20).map(({ latencyP95Ms }) => latencyP95Ms);
  const hogged = windows.filter(({ atSeconds }) => atSeconds > 40).map(({ latencyP95Ms }) => latencyP95Ms);
  const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  expect(mean(hogged)).toBeGreaterThan(1.2 * mean(calm));
});

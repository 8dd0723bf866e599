import { expect, test } from 'vitest';
import type { TelemetryFrame } from '../telemetry-frame.ts';
import { createShopWorld, restoreShopWorld, type ShopWorld, type WorldJournalEntry } from './index.ts';

const startMs = 1_700_000_000_000;
const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart' } as const;

/** Steps on and returns the frames of this many exports. */
function run(world: ShopWorld, exports: number): TelemetryFrame[] {
  return Array.from({ length: exports }, () => {
    world.step(world.nowMs + 2000);
    return world.frame();
  });
}

async function scaleCart(world: ShopWorld, replicas: number): Promise<void> {
  const { resourceVersion = '' } = (await world.cluster.workload(cart)) ?? {};
  const result = await world.cluster.scale(cart, replicas, { resourceVersion, actionId: 'act-1' });
  expect(result.outcome).toBe('applied');
}

test('the same seed and start give the same telemetry; another seed gives another', () => {
  const [one, two, other] = [1, 1, 2].map((seed) => createShopWorld({ seed, startMs }));
  for (const world of [one, two, other]) world.goLive();
  const told = JSON.stringify(run(one, 50));
  expect(JSON.stringify(run(two, 50))).toBe(told);
  expect(JSON.stringify(run(other, 50))).not.toBe(told);
});

test('whether anyone listens, and how finely it is stepped, changes nothing in the world', async () => {
  const [heard, unheard] = [1, 1].map((seed) => createShopWorld({ seed, startMs }));
  for (const world of [heard, unheard]) world.goLive();
  run(heard, 60);
  unheard.step(startMs + 37_000);
  unheard.step(startMs + 120_000);
  expect(await heard.cluster.snapshot()).toEqual(await unheard.cluster.snapshot());
});

test('seed, start and the journal of writes make the same world again', async () => {
  const writes: WorldJournalEntry[] = [];
  const world = createShopWorld({ seed: 11, startMs, onWrite: (entry) => writes.push(entry) });
  run(world, 10);
  world.goLive();
  run(world, 30);
  await scaleCart(world, 4);
  run(world, 25);
  expect(writes.map(({ write }) => write.type)).toEqual(['go-live', 'scale']);

  const journal = JSON.parse(JSON.stringify(writes));
  const restored = restoreShopWorld({ seed: 11, startMs, writes: journal, toMs: world.nowMs });
  expect(await restored.cluster.snapshot()).toEqual(await world.cluster.snapshot());
  expect(restored.groundTruth).toEqual(world.groundTruth);
  expect(JSON.stringify(run(restored, 40))).toBe(JSON.stringify(run(world, 40)));
});

test('a restored world tells of new writes only', async () => {
  const writes: WorldJournalEntry[] = [{ atMs: startMs + 4000, write: { type: 'go-live' } }];
  const told: WorldJournalEntry[] = [];
  const onWrite = (entry: WorldJournalEntry) => told.push(entry);
  const world = restoreShopWorld({ seed: 1, startMs, writes, toMs: startMs + 10_000, onWrite });
  expect(told).toEqual([]);
  await scaleCart(world, 3);
  expect(told).toMatchObject([{ atMs: startMs + 10_000, write: { type: 'scale', replicas: 3, actionId: 'act-1' } }]);
});

test('a write whose journal fails does not happen', async () => {
  const onWrite = () => {
    throw new Error('disk full');
  };
  const world = createShopWorld({ seed: 1, startMs, onWrite });
  await expect(scaleCart(world, 5)).rejects.toThrow('disk full');
  expect(await world.cluster.workload(cart)).toMatchObject({ replicas: 2 });
});

test('a dry run and a refused write are not journalled', async () => {
  const writes: WorldJournalEntry[] = [];
  const world = createShopWorld({ seed: 1, startMs, onWrite: (entry) => writes.push(entry) });
  const { resourceVersion = '' } = (await world.cluster.workload(cart)) ?? {};
  await world.cluster.scale(cart, 5, { resourceVersion, actionId: 'a', dryRun: true });
  await world.cluster.scale(cart, 5, { resourceVersion: '1', actionId: 'a' });
  expect(writes).toEqual([]);
});

test('stateless services are opted in with bounds, data stores are not', async () => {
  const { workloads } = await createShopWorld({ seed: 1, startMs }).cluster.snapshot();
  const managed = workloads.filter(({ labels }) => labels['kybern.dev/managed'] === 'true');
  expect(managed.map(({ ref }) => ref.kind)).toEqual(Array(10).fill('Deployment'));
  for (const { annotations } of managed) {
    expect(annotations).toMatchObject({ 'kybern.dev/min-replicas': '2', 'kybern.dev/max-replicas': '8' });
  }
  expect(workloads.filter(({ labels }) => !('kybern.dev/managed' in labels)).map(({ ref }) => ref.name)).toEqual([
    'postgres',
    'redis',
    'rabbitmq',
  ]);
});

test('one who begins to watch is told of the recent past, and of the same events by the same ids', async () => {
  const world = createShopWorld({ seed: 1, startMs });
  const seen: string[][] = [[], []];
  for (const ids of seen) {
    const stop = new AbortController();
    const watching = world.cluster.watch((events) => ids.push(...events.map(({ id }) => id)), stop.signal);
    stop.abort();
    await watching;
  }
  expect(seen[0].length).toBeGreaterThan(20);
  expect(seen[1]).toEqual(seen[0]);
});

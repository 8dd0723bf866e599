import { expect, test } from 'vitest';
import { createRandom, toEpochMs } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const mebibyte = 1024 * 1024;
const every5s = (count: number) => ({ count, intervalMs: 5000 });

test('a spike of a few samples fires within two, and clears after a clean run', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(1));
  const latency = catalog.intern(podGauge('http.latency', 'cart-1', 'ms'));
  const { told } = await play(detectors, latency, every5s(400), (tick) =>
    tick >= 300 && tick < 306 ? 400 : 50 + 3 * noise(),
  );
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  const [fired, cleared] = told;
  expect(toEpochMs(fired!.onset)).toBe(startMs + 300 * 5000);
  expect(toEpochMs(fired!.detectedAt)).toBe(startMs + 301 * 5000);
  expect(toEpochMs(cleared!.clearedAt!)).toBe(startMs + 306 * 5000);
  expect(fired).toMatchObject({ signal: 'latency', metric: 'http.latency', observed: 400, unit: 'ms' });
  expect(fired!.entity).toEqual({ kind: 'pod', namespace: 'shop', name: 'cart-1' });
  expect(fired!.expected).toBeGreaterThan(45);
  expect(fired!.expected).toBeLessThan(55);
  expect(fired!.reason).toMatch(/http\.latency of pod shop\/cart-1 is 400 ms, above .* \(band .* to .*\): score \d+/);
  expect(cleared!.revision).toBe(fired!.revision + 1);
  expect(cleared!.id).toBe(fired!.id);
});

test('what is good news, and what is too small to matter, is no anomaly', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(2));
  const latency = catalog.intern(podGauge('http.latency', 'cart-1', 'ms'));
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  const faster = await play(detectors, latency, every5s(400), (tick) => (tick < 300 ? 50 : 5) + 0.5 * noise());
  expect(faster.told).toEqual([]);
  // From 0.3 % to 1.3 % of a core: four times as much, and of no consequence.
  const tiny = await play(detectors, cpu, every5s(400), (tick) => (tick < 300 ? 0.003 : 0.013) + 0.0001 * noise());
  expect(tiny.told).toEqual([]);
});

test('a level shift fires, stays while it is news, and is accepted as normal after half an hour', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(3));
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  const { told } = await play(detectors, cpu, every5s(1200), (tick) => (tick < 300 ? 0.4 : 1.1) + 0.02 * noise());
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  const lastedMs = toEpochMs(told[1]!.clearedAt!) - toEpochMs(told[0]!.onset);
  expect(lastedMs).toBeGreaterThanOrEqual(1_800_000);
  expect(lastedMs).toBeLessThan(1_900_000);
  expect(told[1]!.reason).toContain('the new normal');
});

test('a fast leak fires soon, a slow one by its trend, long before it would reach a limit', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(4));
  const afterwards = createWorkbench();
  const fast = catalog.intern(podGauge('container.memory.working_set', 'fast', 'By'));
  const slow = afterwards.catalog.intern(podGauge('container.memory.working_set', 'slow', 'By'));
  const leak = (perTick: number, from: number) => (tick: number) =>
    (200 + Math.max(0, tick - from) * perTick + noise()) * mebibyte;
  const quick = await play(detectors, fast, every5s(160), leak(5, 100));
  expect(quick.told[0]).toMatchObject({ state: 'firing', signal: 'memory' });
  expect(quick.told[0]!.observed).toBeLessThan(300 * mebibyte);
  // 9 % an hour: a step of it is a fortieth of the noise.
  const steady = await play(afterwards.detectors, slow, { count: 9000, intervalMs: 5000 }, leak(0.025, 1000));
  expect(steady.told[0]).toMatchObject({ state: 'firing', detector: 'trend' });
  expect(steady.told[0]!.observed).toBeLessThan(350 * mebibyte);
  expect(steady.told[0]!.reason).toContain('grown steadily from');
});

test('what has just started may fill up, and a restart is told by its increase', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(4));
  const memory = catalog.intern(podGauge('container.memory.working_set', 'young', 'By'));
  const filling = (tick: number) => (100 + 100 * (1 - Math.exp(-tick / 40)) + noise()) * mebibyte;
  expect((await play(detectors, memory, every5s(600), filling)).told).toEqual([]);
  const restarts = catalog.intern(podGauge('k8s.container.restarts', 'young', '{restart}'));
  const fromMs = startMs + 3_000_000;
  const { told } = await play(detectors, restarts, { ...every5s(100), fromMs }, (tick) => (tick < 50 ? 3 : 4));
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(told[0]).toMatchObject({ observed: 1, expected: 0, signal: 'restarts' });
  expect(toEpochMs(told[1]!.clearedAt!)).toBe(fromMs + 51 * 5000);
});

test('a restart that a counter tells is an increase, which has no per second', async () => {
  const { catalog, detectors } = createWorkbench();
  const identity = { ...podGauge('k8s.container.restarts', 'young', '{restart}'), kind: 'counter' } as const;
  const counted = (tick: number) => (tick < 50 ? 3 : 4);
  const { told } = await play(detectors, catalog.intern(identity), every5s(100), counted);
  expect(told[0]).toMatchObject({ observed: 1, unit: '{restart}' });
  expect(told[0]!.reason).toContain('of pod shop/young rose by 1 {restart}, above');
});

test('two series of one metric of one entity are told by the labels that tell them apart', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(8));
  const told = [];
  for (const state of ['used', 'cached']) {
    const gauge = podGauge('memory.pages', 'cart-1', '');
    const series = catalog.intern({ ...gauge, labels: [...gauge.labels, ['state', state]] });
    told.push(...(await play(detectors, series, every5s(120), (tick) => (tick < 100 ? 100 : 400) + noise())).told);
  }
  const subjects = told.filter(({ revision }) => revision === 1).map(({ reason }) => reason.replace(/ is .*/, ''));
  expect(subjects).toEqual([
    'memory.pages{state=used} of pod shop/cart-1',
    'memory.pages{state=cached} of pod shop/cart-1',
  ]);
});

test('a saw-tooth of garbage collection is no leak', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(5));
  const heap = catalog.intern(podGauge('jvm.memory.used', 'cart-1', 'By'));
  const { told } = await play(detectors, heap, every5s(9000), (tick) => (200 + (tick % 180) + 3 * noise()) * mebibyte);
  expect(told).toEqual([]);
});

test('a counter is scored by its rate, and a restart of it is no anomaly', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(6));
  const requests = catalog.intern({ ...podGauge('http.server.requests', 'cart-1', ''), kind: 'counter' });
  let total = 1e6;
  const { told } = await play(detectors, requests, every5s(700), (tick) => {
    total = tick === 300 ? 0 : total + 5 * Math.max(0, (tick < 600 ? 100 : 900) + 5 * noise());
    return total;
  });
  expect(told).toHaveLength(1);
  expect(toEpochMs(told[0]!.onset)).toBe(startMs + 600 * 5000);
  expect(told[0]!.observed).toBeGreaterThan(850);
  expect(told[0]!.unit).toBe('/s');
});

test('a gap is neither filled nor an anomaly, and a firing series that ends is cleared', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(7));
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  const { told } = await play(detectors, cpu, every5s(800), (tick) => {
    if ((tick > 200 && tick < 400) || tick > 610) return Number.NaN;
    return (tick < 600 ? 0.4 : 2) + 0.02 * noise();
  });
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(told[1]!.reason).toContain('the series ended');
  expect(toEpochMs(told[1]!.clearedAt!)).toBe(startMs + 610 * 5000);
});

test('nothing is scored before the sixteenth sample, and status says who is learning', async () => {
  const { catalog, detectors } = createWorkbench();
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  const { fingerprint } = catalog.get(cpu);
  const wild = await play(detectors, cpu, every5s(15), (tick) => (tick % 7 === 0 ? 4 : 0.4));
  expect(wild.told).toEqual([]);
  expect(wild.bands).toEqual([]);
  expect(detectors.status()).toMatchObject({ series: 1, learning: 1 });
  expect(detectors.seriesState?.(fingerprint)).toEqual({ samples: 15, state: 'learning', needed: 16 });
  await play(detectors, cpu, { count: 1, intervalMs: 5000, fromMs: startMs + 75_000 }, () => 0.4);
  expect(detectors.status()).toMatchObject({ series: 1, learning: 0 });
  expect(detectors.seriesState?.(fingerprint)).toMatchObject({ samples: 16, state: 'young' });
});

test('the first bands are wide and narrow from there; what a young series tells is marked', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(9));
  const latency = catalog.intern(podGauge('http.latency', 'cart-1', 'ms'));
  const { bands, told } = await play(detectors, latency, every5s(400), () => 500 + 25 * noise());
  const widths = bands.map(({ upper, lower }) => upper[0]! - lower[0]!);
  expect(widths).toHaveLength(400 - 15);
  expect(widths[0]!).toBeGreaterThan(1.5 * widths.at(-1)!);
  expect(told).toEqual([]);
  const young = catalog.intern(podGauge('http.latency', 'cart-2', 'ms'));
  const outage = await play(detectors, young, every5s(30), (tick) => (tick < 20 ? 50 + noise() : 3000));
  expect(outage.told[0]).toMatchObject({ state: 'firing', learning: true });
});

test('a daily rhythm is learnt in three days; then a rise at the wrong hour fires although the day is higher', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(8));
  const traffic = catalog.intern(podGauge('http.request.rate', 'cart-1', '1/s'));
  const minutes = { count: 4 * 1440 + 240, intervalMs: 60_000 };
  const daily = (timeMs: number) => 100 + 80 * Math.sin((2 * Math.PI * timeMs) / 86_400_000);
  const nightMs = startMs + 4 * 86_400_000 + 30 * 60_000;
  const { told } = await play(detectors, traffic, minutes, (_, timeMs) => {
    const surge = timeMs >= nightMs && timeMs < nightMs + 1_200_000 ? 70 : 0;
    return daily(timeMs) + surge + 2 * noise();
  });
  expect(told.filter(({ state }) => state === 'firing')).toHaveLength(1);
  expect(toEpochMs(told[0]!.onset)).toBe(nightMs);
  expect(told[0]!.observed).toBeLessThan(190);
});

test('bands hold the samples of a healthy series, at most one a second', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(9));
  const cpu = catalog.intern(podGauge('container.cpu.usage', 'cart-1', '{cpu}'));
  const values = new Map<number, number>();
  const { bands } = await play(detectors, cpu, { count: 1000, intervalMs: 250 }, (_, timeMs) => {
    const value = 0.4 + 0.02 * noise();
    values.set(timeMs, value);
    return value;
  });
  const rows = bands.flatMap((band) => [...band.timesMs].map((timeMs, row) => ({ timeMs, band, row })));
  const seconds = rows.map(({ timeMs }) => Math.floor(timeMs / 1000));
  expect(new Set(seconds).size).toBe(seconds.length);
  expect(seconds.length).toBeGreaterThan(230);
  for (const { timeMs, band, row } of rows) {
    expect(values.get(timeMs)).toBeGreaterThan(band.lower[row]!);
    expect(values.get(timeMs)).toBeLessThan(band.upper[row]!);
    expect(band.expected[row]).toBeGreaterThan(0.3);
  }
});

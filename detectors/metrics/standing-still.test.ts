import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity } from '../../model/index.ts';
import { createNoise, play, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';
import type { SignalRule } from './signal-rules.ts';

const minuteMs = 60_000;
const stillMinutes = 1500;

/** A day at one value, then twenty minutes at another: how often that was told. */
async function toldOf(
  series: Partial<SeriesIdentity> & { name: string },
  [before, then]: readonly [number, number],
  ...signals: SignalRule[]
): Promise<number> {
  const config = defaultConfig();
  const { catalog, detectors } = createWorkbench({
    config: { ...config, metrics: { ...config.metrics, signals } },
  });
  const labels = [['service.name', 'shop'], ...(series.labels ?? [])] as SeriesIdentity['labels'];
  const id = catalog.intern({ kind: 'gauge', unit: '', origin: 'received', ...series, labels });
  let total = 0;
  const { told } = await play(detectors, id, { count: stillMinutes + 20, intervalMs: minuteMs }, (tick) => {
    const value = tick < stillMinutes ? before : then;
    total += value;
    return series.kind === 'counter' ? total : value;
  });
  for (const { onset } of told) expect(Date.parse(onset)).toBeGreaterThanOrEqual(startMs + stillMinutes * minuteMs);
  return told.filter(({ state }) => state === 'firing').length;
}

test('a counter that never counted is told when it does, and one event is not', async () => {
  expect(await toldOf({ name: 'dead_letters_total', kind: 'counter' }, [0, 300])).toBe(1);
  expect(await toldOf({ name: 'payments_declined_total', kind: 'counter' }, [0, 1])).toBe(0);
});

test('a gauge that stood still is told when it changes if a rule asks for it, and is a setting otherwise', async () => {
  const temperature = { name: 'node_hwmon_temp_celsius' };
  const match = { metrics: ['node_hwmon_*'] };
  expect(await toldOf(temperature, [45, 95])).toBe(0);
  expect(await toldOf(temperature, [45, 95], { match, minimumAbsolute: 5 })).toBe(0);
  expect(await toldOf(temperature, [45, 95], { match, direction: 'up' })).toBe(1);
  expect(await toldOf(temperature, [45, 95], { match, score: true, minimumAbsolute: 5 })).toBe(1);
  expect(await toldOf(temperature, [45, 49], { match, score: true, minimumAbsolute: 5 })).toBe(0);
  expect(await toldOf({ name: 'default_pool_size' }, [10, 20])).toBe(0);
});

test.each([
  { name: 'probe_success' },
  { name: 'etcd_server_has_leader' },
  { name: 'mysql_slave_status_slave_sql_running' },
  { name: 'kube_node_status_condition', labels: [['condition', 'Ready'] as const, ['status', 'true'] as const] },
])('$name says health: it is told when it falls to 0, however long it was 1', async (series) => {
  expect(await toldOf(series, [1, 0])).toBe(1);
  expect(await toldOf(series, [0, 1])).toBe(0);
});

const scrapeMs = 15_000;
const hourScrapes = 3_600_000 / scrapeMs;

/** Minutes after a day at which it is told of what `grownAt` lets grow so much at each scrape, and which then stands still. */
async function toldOfStop(kind: 'counter' | 'gauge', grownAt: (tick: number) => number): Promise<number[]> {
  const { catalog, detectors } = createWorkbench();
  const labels: SeriesIdentity['labels'] = [['service.name', 'importer']];
  const id = catalog.intern({ name: 'rows_imported_total', labels, kind, unit: '', origin: 'received' });
  const stop = 24 * hourScrapes;
  let total = 0;
  const { told } = await play(detectors, id, { count: stop + hourScrapes, intervalMs: scrapeMs }, (tick) => {
    if (tick < stop) total += grownAt(tick);
    return kind === 'counter' ? total : Math.sin(total);
  });
  const began = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
  return began.map(({ detectedAt }) => (Date.parse(detectedAt) - startMs - stop * scrapeMs) / minuteMs);
}

test.each([30, 60, 120])(
  'a counter that is updated each %i s and read each 15 s is told when it stops, and never before',
  async (seconds) => {
    const noise = createNoise(createRandom(5));
    const every = (seconds * 1000) / scrapeMs;
    const grownAt = (tick: number) => (tick % every === 0 ? 1000 + 50 * noise() : 0);
    const told = await toldOfStop('counter', grownAt);
    expect(told).toHaveLength(1);
    expect(told[0]).toBeGreaterThan(10);
    expect(told[0]).toBeLessThan(20);
  },
);

test('a value that a cache gives four times over is told when it stands still', async () => {
  const noise = createNoise(createRandom(5));
  expect(await toldOfStop('gauge', (tick) => (tick % 4 === 0 ? noise() : 0))).toHaveLength(1);
});

test('what moves each other time by chance is not told when it rests', async () => {
  const random = createRandom(6);
  expect(await toldOfStop('counter', () => (random() < 0.5 ? 1 : 0))).toEqual([]);
});

/** Times within four days at which it is told of what counts single events, every four hours or so, and of the hour of faults after. */
async function toldOfRare(intervalMs: number, faultsASecond: number): Promise<{ before: number; faults: number }> {
  const { catalog, detectors } = createWorkbench();
  const labels: SeriesIdentity['labels'] = [['service.name', 'shop']];
  const id = catalog.intern({ name: 'leader_elections_total', labels, kind: 'counter', unit: '', origin: 'received' });
  const random = createRandom(8);
  const perHour = 3_600_000 / intervalMs;
  const healthy = 4 * 24 * perHour;
  let total = 0;
  const { told } = await play(detectors, id, { count: healthy + perHour, intervalMs }, (tick) => {
    if (random() < 1 / (4 * perHour)) total += 1;
    if (tick >= healthy) total += Math.round((faultsASecond * intervalMs) / 1000);
    return total;
  });
  const began = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
  const early = began.filter(({ detectedAt }) => Date.parse(detectedAt) < startMs + healthy * intervalMs);
  return { before: early.length, faults: began.length - early.length };
}

test.each([15_000, 30_000, 60_000])(
  'single events a few hours apart are not told one by one, read each %i ms, and that they come all the time is',
  async (intervalMs) => {
    expect(await toldOfRare(intervalMs, 0.4)).toEqual({ before: 0, faults: 1 });
  },
);

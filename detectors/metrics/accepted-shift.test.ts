import { expect, test } from 'vitest';
import { createRandom, type SeriesIdentity, toEpochMs } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const days = 1440;
const memory = podGauge('container.memory.working_set', 'cart-1', 'By');
const traffic = podGauge('http.request.rate', 'cart-1', '1/s');

/** When a series begins to tell of an anomaly, in minutes from a minute of its life on, and of what; a value a minute. */
async function toldOf(
  identity: SeriesIdentity,
  from: number,
  count: number,
  valueAt: (minute: number, noise: number) => number,
  seed = 31,
) {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(seed));
  const series = catalog.intern(identity);
  const { told } = await play(detectors, series, { count, intervalMs: minuteMs }, (tick) => valueAt(tick, noise()));
  return told
    .filter(({ revision }) => revision === 1)
    .map(({ detectedAt, detector, reason }) => ({
      minute: (toEpochMs(detectedAt) - startMs) / minuteMs - from,
      detector,
      reason,
    }));
}

const shift = 2 * days;

test.each([1, 2])('a step of memory that was told and accepted is not told again as growth (%i)', async (seed) => {
  const step = (minute: number, noise: number) => (minute < shift ? 300 : 520) * 1e6 + 4e6 * noise;
  const told = await toldOf(memory, shift, shift + days, step, seed);
  expect(told).toHaveLength(1);
  expect(told[0]!.minute).toBeLessThan(3);
});

test('a leak that begins hours after an accepted step is found about as soon as one without', async () => {
  const leaks = shift + 360;
  const leak = (level: (minute: number) => number) => (minute: number, noise: number) =>
    level(minute) * 1e6 * (1 + (0.03 * Math.max(0, minute - leaks)) / 60) + 4e6 * noise;
  const stepped = await toldOf(
    memory,
    leaks,
    leaks + 720,
    leak((minute) => (minute < shift ? 300 : 520)),
  );
  const plain = await toldOf(
    memory,
    leaks,
    leaks + 720,
    leak(() => 300),
  );
  expect(plain[0]).toMatchObject({ detector: 'trend' });
  expect(stepped.filter(({ minute }) => minute > -300)[0]).toMatchObject({ detector: 'trend' });
  expect(stepped.at(-1)!.minute - plain.at(-1)!.minute).toBeLessThan(120);
});

test('traffic that has stopped is told once: that it stands still as well is no other news', async () => {
  const stopped = await toldOf(traffic, shift, shift + 180, (minute, noise) => (minute < shift ? 10 + 0.3 * noise : 0));
  expect(stopped).toHaveLength(1);
  expect(stopped[0]!.minute).toBeLessThan(3);
});

test('what stands still at a level that was accepted while it moved there is told', async () => {
  // Stuck before the new level is accepted, and long after.
  for (const stuck of [20, 300]) {
    const told = await toldOf(traffic, shift, shift + stuck + 90, (minute, noise) =>
      minute < shift ? 10 + 0.3 * noise : minute < shift + stuck ? 4 + 0.1 * noise : 4.01,
    );
    expect(told).toHaveLength(2);
    expect(told[1]!.minute).toBeGreaterThan(stuck + 50);
    expect(told[1]!.minute).toBeLessThan(stuck + 70);
  }
});

test.each([
  ['the way back to the usual level from an outage that was accepted is not told as another anomaly', 1, 1],
  ['what goes elsewhere from an accepted outage is told', 2.5, 2],
] as const)('%s', async (_, then, times) => {
  const stepMs = 5 * minuteMs;
  const perDay = 288;
  const out = 20 * perDay;
  const back = out + 24;
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(32));
  const series = catalog.intern(traffic);
  const { told } = await play(detectors, series, { count: back + 12, intervalMs: stepMs }, (tick) => {
    if (tick >= out && tick < back) return 0;
    const usual = 100 + 60 * Math.sin((2 * Math.PI * tick) / perDay) + 3 * noise();
    return tick < out ? usual : then * usual;
  });
  const began = told.filter(({ revision }) => revision === 1);
  const onsets = began.map(({ onset }) => (toEpochMs(onset) - startMs) / stepMs);
  expect(onsets).toEqual([out, back].slice(0, times));
});

test.each([
  { name: 'cache.hit.ratio', usual: 0.94, hourly: -0.06, told: /below/ },
  { name: 'app.open.sessions', usual: 200, hourly: 14, told: /above/ },
])('a drift of $name that was accepted while it was too small to matter is told once it matters', async (drift) => {
  const begins = 5 * days;
  const valueAt = (minute: number, noise: number) =>
    drift.usual * (1 + 0.006 * noise) + (drift.hourly * Math.max(0, minute - begins)) / 60;
  const told = await toldOf(podGauge(drift.name, 'cart-1', ''), begins, begins + 300, valueAt);
  expect(told[0]!.reason).toMatch(drift.told);
  // By then it is a tenth of the usual, after an hour and a half.
  expect(told[0]!.minute).toBeGreaterThan(60);
  expect(told[0]!.minute).toBeLessThan(120);
});

test('a drift too small to matter is accepted and never told', async () => {
  const begins = 5 * days;
  const valueAt = (minute: number, noise: number) =>
    200 * (1 + 0.006 * noise) + Math.min(14, (14 * Math.max(0, minute - begins)) / 60);
  expect(await toldOf(podGauge('app.open.sessions', 'cart-1', ''), begins, begins + days, valueAt)).toEqual([]);
});

test('the way back to its season is not told either half an hour later, when the shift that was accepted is forgotten', async () => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(31));
  const series = catalog.intern(podGauge('app.open.sessions', 'cart-1', ''));
  const intervalMs = 15_000;
  const perHour = 3_600_000 / intervalMs;
  // Old enough that six hours do not become its nature.
  const shifts = 18 * 24 * perHour;
  const { told } = await play(detectors, series, { count: shifts + 8 * perHour, intervalMs }, (tick) => {
    const isAway = tick >= shifts && tick < shifts + 6 * perHour;
    return (isAway ? 400 : 100) + 4 * noise();
  });
  const began = told.filter(({ revision }) => revision === 1);
  expect(began).toHaveLength(1);
  expect(toEpochMs(began[0]!.onset)).toBe(startMs + shifts * intervalMs);
});

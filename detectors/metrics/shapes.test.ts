import { expect, test } from 'vitest';
import { type Anomaly, createRandom, type SeriesIdentity, toEpochMs } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const measured = podGauge('measured_value', 'cart-1', '');

/** Revisions of anomalies that a series raises, a value a minute. */
async function toldOf(
  valueAt: (tick: number, noise: () => number) => number,
  { count = 2200, identity = measured }: { count?: number; identity?: SeriesIdentity } = {},
): Promise<readonly Anomaly[]> {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(21));
  const series = catalog.intern(identity);
  const { told } = await play(detectors, series, { count, intervalMs: minuteMs }, (tick) => valueAt(tick, noise));
  return told;
}

function minutesFrom(tick: number, anomaly: Anomaly | undefined): number {
  return (toEpochMs(anomaly!.detectedAt) - startMs) / minuteMs - tick;
}

test('two points far off are found at once and are over at once', async () => {
  const told = await toldOf((tick, noise) => 100 + 2 * noise() + (tick === 1500 || tick === 1501 ? 40 : 0));
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(minutesFrom(1500, told[0])).toBeLessThanOrEqual(1);
  expect(told[0]!.reason).toMatch(/measured_value of pod shop\/cart-1 is .* above .* \(band .* to .*\): score/);
});

test('a level shift is found, and accepted after half an hour', async () => {
  const told = await toldOf((tick, noise) => 100 + 2 * noise() + (tick >= 1500 ? 40 : 0));
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(minutesFrom(1500, told[0])).toBeLessThanOrEqual(1);
  expect(told[1]!.reason).toContain('the new normal');
});

test('what was accepted is forgotten once it is over: the same shift on another day is news again', async () => {
  const away = (tick: number) => (tick >= 1500 && tick < 1545) || tick >= 2500;
  const told = await toldOf((tick, noise) => 100 + 2 * noise() + (away(tick) ? 40 : 0), { count: 2600 });
  const again = told.filter(({ onset, revision }) => revision === 1 && toEpochMs(onset) > startMs + 2400 * minuteMs);
  expect(again).toHaveLength(1);
  expect(minutesFrom(2500, again[0])).toBeLessThan(3);
});

test('a slow drift is found although no single step of it can be told from noise', async () => {
  const told = await toldOf((tick, noise) => 100 + 2 * noise() + 0.5 * Math.max(0, tick - 1500));
  expect(told[0]!.state).toBe('firing');
  expect(minutesFrom(1500, told[0])).toBeGreaterThan(10);
  expect(minutesFrom(1500, told[0])).toBeLessThan(200);
});

test('a change of variance is found within minutes', async () => {
  const told = await toldOf((tick, noise) => 100 + (tick >= 1500 ? 24 : 2) * noise());
  expect(told[0]!.state).toBe('firing');
  expect(minutesFrom(1500, told[0])).toBeGreaterThanOrEqual(0);
  expect(minutesFrom(1500, told[0])).toBeLessThan(30);
});

test('a daily rhythm that comes six hours late is found, once it has been there for three days', async () => {
  const fiveMinutes = 5 * minuteMs;
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(22));
  const series = catalog.intern(measured);
  const late = 9 * 288;
  const { told } = await play(detectors, series, { count: late + 100, intervalMs: fiveMinutes }, (tick) => {
    const hours = tick / 12 - (tick >= late ? 6 : 0);
    return 100 + 40 * Math.sin((2 * Math.PI * hours) / 24) + 2 * noise();
  });
  const found = told.filter(({ onset }) => toEpochMs(onset) >= startMs + late * fiveMinutes);
  expect(told.length).toBe(found.length);
  expect(found[0]!.state).toBe('firing');
});

test.each([20, 30, 60])(
  'of a value each %i minutes the day is known too: an outage is told when it begins',
  async (step) => {
    const stepMs = step * minuteMs;
    const perDay = 1440 / step;
    const begins = 30 * perDay;
    const lasts = 360 / step;
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(23));
    const series = catalog.intern(measured);
    const { told } = await play(detectors, series, { count: begins + perDay, intervalMs: stepMs }, (tick) => {
      if (tick >= begins && tick < begins + lasts) return 0;
      return 100 + 60 * Math.sin((2 * Math.PI * tick) / perDay) + 3 * noise();
    });
    const [first] = told;
    expect(first).toMatchObject({ state: 'firing', observed: 0, onset: first!.detectedAt });
    expect(toEpochMs(first!.onset)).toBe(startMs + begins * stepMs);
    expect(first!.score).toBeGreaterThan(12);
    // Once, with what it grew to.
    const during = told.filter(({ onset }) => toEpochMs(onset) < startMs + (begins + lasts) * stepMs);
    expect(new Set(during.map(({ id }) => id)).size).toBe(1);
    expect(during.at(-1)!.state).toBe('cleared');
  },
);

test.each([
  [0, 1],
  [2, 1],
  [0, 5],
  [2, 5],
])(
  'a load that begins at eight and ends at six each day within %i minutes, a value each %i, is told of no more after a week, and one that does not begin is',
  async (within, step) => {
    const perDay = 1440 / step;
    const rate = podGauge('process_cpu_utilization', 'batch-1', '1');
    const days = 16;
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(31));
    const share = (from: number, minute: number) => Math.min(1, Math.max(0, (minute - from) / Math.max(within, 0.01)));
    const { told } = await play(
      detectors,
      catalog.intern(rate),
      { count: days * perDay, intervalMs: step * minuteMs },
      (tick) => {
        const minute = (tick % perDay) * step;
        // On the last day it stays at night's level until noon, and is then twice what it ever was.
        if (tick >= (days - 1) * perDay && minute > 720) return 1.2;
        const isOn = tick < (days - 1) * perDay ? share(480, minute) - share(1080, minute) : 0;
        return Math.max(0, 0.6 * (0.1 + 0.9 * isOn) * (1 + 0.05 * noise()));
      },
    );
    const dayOf = ({ onset }: Anomaly) => (toEpochMs(onset) - startMs) / (1440 * minuteMs);
    const firing = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
    expect(firing.filter((one) => dayOf(one) >= 7 && dayOf(one) < days - 1)).toEqual([]);
    expect(firing.filter((one) => dayOf(one) >= days - 1).length).toBeGreaterThan(0);
  },
);

test('a series that always moved and stands still is told after an hour, one that often rests is not', async () => {
  const stuck = await toldOf((tick, noise) => (tick >= 1500 ? 100.5 : 100 + 2 * noise()));
  expect(stuck.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(minutesFrom(1500, stuck[0])).toBeGreaterThan(55);
  expect(minutesFrom(1500, stuck[0])).toBeLessThan(70);
  expect(stuck[0]!.reason).toContain('stands still, though it always moved');
  const resting = await toldOf((tick, noise) => (tick % 100 >= 50 ? 100.5 : 100 + 2 * noise()));
  expect(resting).toEqual([]);
});

test('a series of a service that has lived for a day and falls silent has vanished, and is welcome back', async () => {
  const identity: SeriesIdentity = {
    ...measured,
    labels: [
      ['k8s.namespace.name', 'shop'],
      ['service.name', 'cart'],
    ],
  };
  const silent = (tick: number) => tick >= 1500 && tick < 1540;
  const valueAt = (tick: number, noise: () => number) => (silent(tick) ? Number.NaN : 100 + 2 * noise());
  const told = await toldOf(valueAt, { count: 1600, identity });
  expect(told.map(({ state }) => state)).toEqual(['firing', 'cleared']);
  expect(minutesFrom(1500, told[0])).toBeLessThanOrEqual(12);
  expect(told[0]!.reason).toContain('has vanished: nothing was heard of it for');
  expect(told[1]!.reason).toContain('it is back');
  expect(await toldOf(valueAt, { count: 1600 })).toEqual([]);
});

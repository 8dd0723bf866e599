import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const hourMs = 3_600_000;
const stepMs = 15_000;
const perHour = hourMs / stepMs;

/** Lives hours of a series of 100 in which a job of three minutes begins at minute 7; `jobOf` says how much it adds. */
async function live(hours: number, jobOf: (hour: number) => number, shiftOf: (hour: number) => number = () => 0) {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(21));
  const spread = createRandom(22);
  const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
  const { told } = await play(detectors, series, { count: hours * perHour, intervalMs: stepMs }, (_, timeMs) => {
    const hour = Math.floor((timeMs - startMs) / hourMs);
    const second = ((timeMs - startMs) % hourMs) / 1000 - shiftOf(hour);
    const works = second >= 420 && second < 600;
    return 100 + 2 * noise() + (works ? jobOf(hour) * (0.9 + 0.2 * spread()) : 0);
  });
  const began = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
  return began.map(({ onset, observed, expected, reason }) => ({
    hour: Math.floor((Date.parse(onset) - startMs) / hourMs),
    observed,
    expected,
    reason,
  }));
}

const usual = 80;

test('the work of a cron job is told three times at most; then its absence and twice as much of it are told', async () => {
  const told = await live(40, (hour) => (hour === 20 ? 0 : hour === 30 ? 2 * usual : usual));
  const hours = told.map(({ hour }) => hour);
  expect(hours.filter((hour) => hour >= 3)).toEqual([20, 30]);
  const [missing, doubled] = told.slice(-2);
  expect(missing!.observed).toBeLessThan(110);
  expect(missing!.expected).toBeGreaterThan(150);
  expect(doubled!.observed).toBeGreaterThan(230);
  expect(doubled!.reason).toMatch(/is 2\d\d\.?\d*, above/);
});

test.each([
  [0, 3],
  [20, 3],
  [57, 6],
])(
  'a job at minute %i that was told three times is told neither as work nor as its sudden absence',
  async (at, lasts) => {
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(23));
    const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
    const { told } = await play(detectors, series, { count: 12 * 60, intervalMs: 60_000 }, (tick) => {
      const works = (tick - at + 60) % 60 < lasts && tick >= at;
      return 20 + 2 * noise() + (works ? 100 : 0);
    });
    const began = told.filter(({ revision }) => revision === 1);
    const jobs = began.map(({ onset }) => Math.floor(((Date.parse(onset) - startMs) / 60_000 - at) / 60));
    expect(jobs.filter((job) => job > 3)).toEqual([]);
  },
);

test('a job may start up to half a minute late', async () => {
  const told = await live(
    30,
    () => usual,
    (hour) => (hour * 7) % 25,
  );
  expect(told.filter(({ hour }) => hour >= 3)).toEqual([]);
});

test('what happened once is no habit: the next is told like the first', async () => {
  const told = await live(12, (hour) => (hour === 2 || hour === 7 ? usual : 0));
  expect(told.map(({ hour }) => hour)).toEqual([2, 7]);
});

test('a job that has ended is told once or twice, and forgotten', async () => {
  const told = await live(40, (hour) => (hour < 20 || hour === 35 ? usual : 0));
  const hours = told.map(({ hour }) => hour);
  expect(hours).toContain(20);
  expect(hours.filter((hour) => hour > 23 && hour < 35)).toEqual([]);
});

test.each([
  [10, 0],
  [10, 40],
  [15, 0],
  [15, 20],
  [15, 40],
  [20, 20],
  [30, 0],
  [30, 20],
])(
  'a job of one minute, read each %i s, that starts up to %i s late is told three times, and when it does not come',
  async (seconds, late) => {
    const { catalog, detectors } = createWorkbench();
    const noise = createNoise(createRandom(24));
    const random = createRandom(25);
    const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
    const startOf = Array.from({ length: 41 }, (_, hour) => (hour === 30 ? Number.NaN : 420 + late * random()));
    const count = (40 * 3600) / seconds;
    const { told } = await play(detectors, series, { count, intervalMs: seconds * 1000 }, (_, timeMs) => {
      const second = ((timeMs - startMs) % hourMs) / 1000 - startOf[Math.floor((timeMs - startMs) / hourMs)]!;
      return 100 + 2 * noise() + (second >= 0 && second < 60 ? usual * (0.9 + 0.2 * random()) : 0);
    });
    const began = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
    const hours = began.map(({ onset }) => Math.floor((Date.parse(onset) - startMs) / hourMs));
    expect(hours.filter((hour) => hour > 3)).toEqual([30]);
  },
);

test.each([5, 20, 40, 55])('ten minutes of work from minute %i on are told three times, and no fourth', async (at) => {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(26));
  const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
  const first = 30 * 60 + at;
  const { told } = await play(detectors, series, { count: 45 * perHour, intervalMs: stepMs }, (tick) => {
    const minute = tick / 4 - first;
    return 100 + 2 * noise() + (minute >= 0 && minute % 60 < 10 ? usual : 0);
  });
  const began = told.filter(({ revision }) => revision === 1);
  const jobs = began.map(({ onset }) => Math.floor(((Date.parse(onset) - startMs) / 60_000 - first) / 60));
  expect(jobs).toEqual([0, 1, 2]);
});

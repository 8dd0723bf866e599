import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createZoneClock } from '../calendar/index.ts';
import { createNoise, play, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench, defaultConfig } from '../testing/workbench.ts';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const stepMs = 5 * minuteMs;
/** Minutes by which the job comes late on each day, over and over. */
const drifts = [0, 35, 10, 50, 5, 40, 20, 45, 0, 30, 15, 50];

interface Job {
  /** What it adds for ten minutes, by day, and hours by which it comes later than its drift says. */
  readonly size: (day: number) => number;
  readonly hoursLate?: (day: number) => number;
  readonly days?: number;
}

/** Days on which something is told of a series of 100 with such a job at about ten each morning. */
async function daysTold({ size, hoursLate = () => 0, days = drifts.length }: Job): Promise<number[]> {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(31));
  const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
  const count = (days * dayMs) / stepMs;
  const { told } = await play(detectors, series, { count, intervalMs: stepMs }, (_, timeMs) => {
    const day = Math.floor((timeMs - startMs) / dayMs);
    const minute = ((timeMs - startMs) % dayMs) / minuteMs - 60 * hoursLate(day) - drifts[day % drifts.length]!;
    return 100 + 2 * noise() + (minute >= 600 && minute < 610 ? size(day) : 0);
  });
  const began = told.filter(({ state, revision }) => state === 'firing' && revision === 1);
  return began.map(({ onset }) => Math.floor((Date.parse(onset) - startMs) / dayMs));
}

test('work that comes each day, its minute drifting, is told three times; three times as much of it is told', async () => {
  const days = await daysTold({ size: (day) => (day === 8 ? 240 : 80) });
  expect(days).toEqual([0, 1, 2, 8]);
});

test('work of the workdays is known after the weekend as well', async () => {
  const days = await daysTold({ size: (day) => (day % 7 < 5 ? 80 : 0), days: 26 });
  expect(days).toEqual([0, 1, 2]);
});

test('work that says more by the day, since its series grows quieter around it, is still the same work', async () => {
  expect(await daysTold({ size: () => 300 })).toEqual([0, 1, 2]);
});

test('the same at another time of the day is news', async () => {
  const days = await daysTold({ size: () => 80, hoursLate: (day) => (day === 6 ? 5 : 0) });
  expect(days.slice(0, 4)).toEqual([0, 1, 2, 6]);
});

test('what comes every other day is no daily work', async () => {
  const days = await daysTold({ size: (day) => (day % 2 === 0 ? 80 : 0) });
  expect(days.length).toBeGreaterThanOrEqual(5);
});

test.each([
  ['put on', 'Europe/Berlin', Date.UTC(2026, 2, 21), 'Europe/Berlin'],
  ['put back', 'Europe/Berlin', Date.UTC(2026, 9, 17), 'Europe/Berlin'],
  ['put on', 'America/New_York', Date.UTC(2026, 1, 28), 'America/New_York'],
  ['put back, and it does not follow', 'America/New_York', Date.UTC(2026, 9, 24), 'UTC'],
])('the same work is not told anew when clocks are %s in %s', async (_, timeZone, fromMs, ofJob) => {
  const { calendar, ...config } = defaultConfig();
  const { catalog, detectors } = createWorkbench({ config: { ...config, calendar: { ...calendar, timeZone } } });
  const clock = createZoneClock(ofJob);
  const noise = createNoise(createRandom(31));
  const series = catalog.intern(podGauge('worker.load', 'batch-1', ''));
  const ticks = { count: (14 * dayMs) / stepMs, intervalMs: stepMs, fromMs };
  const { told } = await play(detectors, series, ticks, (_, timeMs) => {
    const localMs = timeMs + clock.offsetMs(timeMs);
    const minute = (localMs % dayMs) / minuteMs - drifts[Math.floor(localMs / dayMs) % drifts.length]!;
    return 100 + 2 * noise() + (minute >= 600 && minute < 610 ? 80 : 0);
  });
  const days = told
    .filter(({ revision }) => revision === 1)
    .map(({ onset }) => Math.floor((Date.parse(onset) - fromMs) / dayMs));
  expect(days).toEqual([0, 1, 2]);
});

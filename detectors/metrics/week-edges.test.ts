import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { createNoise, play, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const weekMs = 7 * dayMs;
const stepMs = 5 * minuteMs;

/** 1 on workdays from half past nine to four, 0 else; weeks begin on Mondays. */
const isOpen = (timeMs: number) => {
  const hour = ((timeMs - startMs) % dayMs) / hourMs;
  return (timeMs - startMs) % weekMs < 5 * dayMs && hour >= 9.5 && hour < 16 ? 1 : 0;
};

/** Weeks of orders a second, and what is told of them from the seventh on. */
async function toldOf(shape: (timeMs: number) => number) {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(17));
  const labels = [['service.name', 'market']] as const;
  const series = catalog.intern({ name: 'orders', labels, kind: 'gauge', unit: '', origin: 'received' });
  const count = (10 * weekMs) / stepMs;
  const { told } = await play(
    detectors,
    series,
    { count, intervalMs: stepMs },
    (_, timeMs) => shape(timeMs) + 2 * noise(),
  );
  return told.filter(({ onset, revision }) => revision === 1 && Date.parse(onset) >= startMs + 6 * weekMs);
}

test('what opens at the same minute on workdays alone is told of no weekend, in the hours in which it would open or close', async () => {
  expect(await toldOf((timeMs) => 10 + 100 * isOpen(timeMs))).toEqual([]);
});

test('work of the weekends alone that begins and ends at a minute is told of none either', async () => {
  const hour = (timeMs: number) => ((timeMs - startMs) % dayMs) / hourMs;
  const isAtWork = (timeMs: number) =>
    (timeMs - startMs) % weekMs >= 5 * dayMs && hour(timeMs) >= 1.25 && hour(timeMs) < 5.75;
  expect(await toldOf((timeMs) => 10 + (isAtWork(timeMs) ? 100 : 0))).toEqual([]);
});

test('a weekend on which it opens, and a workday on which it does not, are told', async () => {
  const saturdayMs = startMs + 8 * weekMs + 5 * dayMs;
  const tuesdayMs = startMs + 8 * weekMs + dayMs;
  const told = await toldOf((timeMs) => {
    if (timeMs >= saturdayMs && timeMs < saturdayMs + dayMs) return 10 + 100 * isOpen(timeMs - 5 * dayMs);
    return 10 + (timeMs >= tuesdayMs && timeMs < tuesdayMs + dayMs ? 0 : 100 * isOpen(timeMs));
  });
  const days = new Set(told.map(({ onset }) => Math.floor((Date.parse(onset) - startMs) / dayMs)));
  expect([...days]).toEqual([8 * 7 + 1, 8 * 7 + 5]);
});

import { expect, test } from 'vitest';
import { createBurstFading, learnBurst } from './bursts.ts';
import { createSeriesColumns } from './series-columns.ts';

const dayMs = 86_400_000;
const threshold = 6;

/** Size from which deviations are material after so many alarms of 60, `apartDays` apart, on a series of this age. */
function materialAfter(alarms: number, { ageDays, apartDays = 1 }: { ageDays: number; apartDays?: number }): number {
  const columns = createSeriesColumns();
  const { fade } = createBurstFading(columns);
  columns.lifeMs[0] = ageDays * dayMs;
  for (let at = 0; at < alarms; at += 1) {
    if (at > 0) fade(0, { gapMs: apartDays * dayMs });
    columns.peak[0] = 60;
    learnBurst(columns, 0, threshold);
  }
  return columns.burst[0]! * threshold;
}

test('an alarm raises what is material a quarter of the way in the first two weeks, less of it the older the series is', () => {
  expect(materialAfter(1, { ageDays: 0 })).toBeCloseTo(15);
  expect(materialAfter(1, { ageDays: 14 })).toBeCloseTo(15);
  expect(materialAfter(1, { ageDays: 28 })).toBeCloseTo(7.5);
  expect(materialAfter(1, { ageDays: 60 })).toBeGreaterThanOrEqual(3);
});

test('an incident a day never hides the next one of its size, several a day soon hide what is half as large', () => {
  expect(materialAfter(60, { ageDays: 60 })).toBeLessThan(30);
  expect(materialAfter(60, { ageDays: 60, apartDays: 0.2 })).toBeGreaterThan(30);
  expect(materialAfter(60, { ageDays: 60, apartDays: 0.2 })).toBeLessThan(60);
});

test('an alarm smaller than those before teaches nothing', () => {
  const columns = createSeriesColumns();
  columns.burst[0] = 10;
  columns.peak[0] = 60;
  learnBurst(columns, 0, threshold);
  expect(columns.burst[0]).toBe(10);
});

test('what was learnt of a young series is gone after a week, of an old one after a month', () => {
  const left = (ageDays: number, days: number): number => {
    const columns = createSeriesColumns();
    columns.lifeMs[0] = ageDays * dayMs;
    columns.burst[0] = 1;
    createBurstFading(columns).fade(0, { gapMs: days * dayMs });
    return columns.burst[0]!;
  };
  expect(left(7, 7)).toBeLessThan(0.1);
  expect(left(60, 7)).toBeGreaterThan(0.45);
  expect(left(60, 30)).toBeLessThan(0.06);
});

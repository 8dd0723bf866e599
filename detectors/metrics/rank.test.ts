import { expect, test } from 'vitest';
import { noteDay, rank, startDays } from './rank.ts';
import { createSeriesColumns } from './series-columns.ts';

const threshold = 6;

/** A series whose days reached these heights; ranks scores of it, its tail being as high as is usual. */
function lived(peaks: readonly number[], novelty = 0, worked = 0) {
  const columns = createSeriesColumns();
  startDays(columns, 0);
  for (const [day, gathered] of [...peaks, 0].entries()) {
    columns.lifeMs[0] = day * 86_400_000;
    noteDay(columns, 0, { gathered, worked }, { newDay: day > 0 });
  }
  columns.novelty[0] = novelty;
  return (score: number, factor = 1) => {
    const verdict = { score, rank: 0 };
    rank(columns, 0, verdict, { factor }, threshold);
    return verdict.rank;
  };
}

test('of a series with quiet days the rank is the score, and less below the threshold', () => {
  const rankOf = lived([2, 3, 2, 3]);
  expect(rankOf(12)).toBe(12);
  expect(rankOf(6)).toBe(6);
  expect(rankOf(3)).toBe(1.5);
});

test('what a series reaches every day ranks lower day by day, unless its tail has taken it in already', () => {
  const ranks = [1, 3, 10].map((days) => lived(new Array<number>(days).fill(40))(10));
  expect(ranks).toEqual(ranks.toSorted((a, b) => b - a));
  expect(ranks.at(-1)).toBeLessThan(1);
  expect(lived(new Array<number>(10).fill(40))(10, 10)).toBe(10);
});

test('one day of many teaches little; work that comes with the hour is what the days reach too', () => {
  const once = lived([2, 2, 2, 2, 40, 2, 2, 2]);
  expect(once(10)).toBe(10);
  expect(lived([2, 2, 2, 2], 0, 40)(10)).toBeLessThan(3);
});

test('new values rank up to four times as high: new at 70 % of the threshold is as remarkable as known at it', () => {
  expect(lived([2], 1)(12)).toBe(48);
  expect(lived([2], 1)(3)).toBe(6);
  expect(lived([2], Math.SQRT2 - 1)(6 / Math.SQRT2)).toBeCloseTo(6);
});

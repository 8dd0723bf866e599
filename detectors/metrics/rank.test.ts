import fc from 'fast-check';
import { expect, test } from 'vitest';
import { noteDay, rank, rankSince, startDays, tellOnce } from './rank.ts';
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

/** What is left of ranks that come so many minutes apart, of a series of this interval. */
function toldIn(intervalMinutes: number) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = intervalMinutes * 60_000;
  let minutes = 1000;
  return {
    columns,
    rankAfter(after: number, rank: number): number {
      minutes += after;
      const verdict = { rank };
      tellOnce(columns, 0, verdict, { timeMs: minutes * 60_000 }, threshold);
      return verdict.rank;
    },
  };
}

test('what was told within half an hour, or within twelve samples, counts half unless it is more than twice as much', () => {
  const quick = toldIn(1);
  expect(quick.rankAfter(0, 10)).toBe(10);
  expect(quick.rankAfter(30, 8)).toBe(4);
  // No more than half of what was told.
  expect(quick.rankAfter(0, 20)).toBe(5);
  expect(quick.rankAfter(0, 21)).toBe(21);
  expect(quick.rankAfter(31, 10)).toBe(10);
  const slow = toldIn(5);
  slow.rankAfter(0, 10);
  expect(slow.rankAfter(60, 10)).toBe(5);
  expect(slow.rankAfter(61, 10)).toBe(10);
});

test('what did not reach the threshold was not told and hides nothing', () => {
  const { rankAfter } = toldIn(1);
  expect(rankAfter(0, 5.9)).toBe(5.9);
  expect(rankAfter(1, 6.5)).toBe(6.5);
});

test('whatever comes, at each height no more is told than came, and twice as much as was told is always told', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), fc.double({ min: 0, max: 100, noNaN: true }))),
      (all) => {
        const { columns, rankAfter } = toldIn(1);
        for (const [after, given] of all) {
          const before = Math.fround(columns.toldRank[0]!);
          const left = rankAfter(after, given);
          expect(left).toBeLessThanOrEqual(given);
          if (given > 2 * before) expect(left).toBe(given);
        }
      },
    ),
  );
});

test('an anomaly keeps the rank that was told when it began, though its next samples are no news', () => {
  const { columns, rankAfter } = toldIn(1);
  rankAfter(0, 10);
  const next = { rank: rankAfter(1, 12) };
  expect(next.rank).toBe(5);
  expect(rankSince(columns, 0, next, 1000 * 60_000)).toBe(10);
  expect(rankSince(columns, 0, next, 1001 * 60_000)).toBe(5);
});

import { expect, test } from 'vitest';
import { noteNovelty, startRange } from './novelty.ts';
import { createSeriesColumns } from './series-columns.ts';

function settled(lifeMs = 3 * 86_400_000) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = 60_000;
  columns.lifeMs[0] = lifeMs;
  startRange(columns, 0, { reading: 0 });
  noteNovelty(columns, 0, { reading: 100, season: Number.NaN, residual: 0 });
  columns.novelty[0] = 0;
  return (value: number) => {
    noteNovelty(columns, 0, { reading: value, season: Number.NaN, residual: 0 });
    return columns.novelty[0]!;
  };
}

test('a value beyond all that was seen is new by how far it lies outside, on either side', () => {
  expect(settled()(50)).toBe(0);
  expect(settled()(102.5)).toBeCloseTo(0.5);
  expect(settled()(105)).toBe(1);
  expect(settled()(-40)).toBe(1);
});

test('what repeats itself is new once, and fades by a quarter a sample', () => {
  const noveltyOf = settled();
  expect(noveltyOf(200)).toBe(1);
  expect(noveltyOf(200)).toBe(0.75);
  for (let sample = 0; sample < 40; sample += 1) noveltyOf(10);
  expect(noveltyOf(200)).toBeLessThan(1e-4);
});

test('nothing is new to a series of less than a day', () => {
  expect(settled(3_600_000)(1000)).toBe(0);
});

/** A series between 0 and 100 of so many days, a minute apart, that was up to 10 away from what is usual at its time. */
function seasonal(days: number) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = 60_000;
  columns.lifeMs[0] = days * 86_400_000;
  columns.lowest[0] = 0;
  columns.highest[0] = 100;
  for (const [at, residual] of [0, -10, 10].entries()) {
    columns.seasonCount[0] = at + 1;
    noteNovelty(columns, 0, { reading: 50, season: 50, residual });
  }
  columns.seasonCount[0] = 1000;
  return (value: number, season: number) => {
    noteNovelty(columns, 0, { reading: value, season, residual: value - season });
    return columns.novelty[0]!;
  };
}

test('a day that does not begin is new, though each of its values was seen: a fifth further from the usual than ever', () => {
  expect(seasonal(7)(40, 50)).toBe(0);
  expect(seasonal(7)(38, 50)).toBeCloseTo(0.5);
  expect(seasonal(7)(20, 50)).toBe(1);
  expect(seasonal(7)(80, 50)).toBe(1);
  // The same value at a time when it is usual.
  expect(seasonal(7)(20, 20)).toBe(0);
});

test('that is new once, to a series of a week, and where a season is known', () => {
  const noveltyOf = seasonal(8);
  expect(noveltyOf(20, 50)).toBe(1);
  expect(noveltyOf(20, 50)).toBe(0.75);
  expect(seasonal(6)(20, 50)).toBe(0);
  expect(seasonal(7)(20, Number.NaN)).toBe(0);
});

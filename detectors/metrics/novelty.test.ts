import { expect, test } from 'vitest';
import { noteNovelty, startRange } from './novelty.ts';
import { createSeriesColumns } from './series-columns.ts';

function settled(lifeMs = 3 * 86_400_000) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = 60_000;
  columns.lifeMs[0] = lifeMs;
  startRange(columns, 0, { value: 0, work: 0 });
  noteNovelty(columns, 0, { value: 60, work: 40, season: Number.NaN });
  columns.novelty[0] = 0;
  return (value: number) => {
    noteNovelty(columns, 0, { value, work: 0, season: Number.NaN });
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

/** A series between 0 and 100 whose season, at 50, was known for so many minutes, with distances from -10 to 10. */
function seasonal(minutes: number) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = 60_000;
  columns.lifeMs[0] = 60 * 86_400_000;
  columns.lowest[0] = 0;
  columns.highest[0] = 100;
  for (const [at, value] of [50, 40, 60].entries()) {
    columns.seasonCount[0] = at + 1;
    noteNovelty(columns, 0, { value, work: 0, season: 50 });
  }
  columns.seasonCount[0] = minutes;
  return (value: number, season: number) => {
    noteNovelty(columns, 0, { value, work: 0, season });
    return columns.novelty[0]!;
  };
}

test('a day that does not begin is new, though each of its values was seen: beyond all distances from the season by a fifth', () => {
  const week = 7 * 1440;
  expect(seasonal(week)(40, 50)).toBe(0);
  expect(seasonal(week)(38, 50)).toBeCloseTo(0.5);
  expect(seasonal(week)(20, 50)).toBe(1);
  expect(seasonal(week)(80, 50)).toBe(1);
  // The same value at a time when it is usual.
  expect(seasonal(week)(20, 20)).toBe(0);
});

test('a season says so once it was known for a week; where none is known nothing is far from it', () => {
  expect(seasonal(6 * 1440)(20, 50)).toBe(0);
  expect(seasonal(7 * 1440)(20, Number.NaN)).toBe(0);
});

import { expect, test } from 'vitest';
import { noteNovelty, startRange } from './novelty.ts';
import { createSeriesColumns } from './series-columns.ts';

function settled(lifeMs = 3 * 86_400_000) {
  const columns = createSeriesColumns();
  columns.intervalMs[0] = 60_000;
  columns.lifeMs[0] = lifeMs;
  startRange(columns, 0, { value: 0, work: 0 });
  noteNovelty(columns, 0, { value: 60, work: 40 });
  columns.novelty[0] = 0;
  return (value: number) => {
    noteNovelty(columns, 0, { value, work: 0 });
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

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createExponentialGrid } from './exponential-grid.ts';

const buckets = fc.dictionary(fc.integer({ min: -400, max: 400 }).map(String), fc.integer({ min: 0, max: 9 }));

function gridOf(scale: number, below: number, counts: readonly (readonly [number, number])[], mostSeries = 40) {
  const grid = createExponentialGrid(1000, mostSeries);
  grid.begin(scale, below);
  for (const [exponent, count] of counts) grid.take(exponent, count);
  grid.finish(counts.reduce((sum, [, count]) => sum + count, below));
  return Array.from({ length: grid.size }, (_, at) => [grid.bounds[at], grid.cumulative[at]] as const);
}

test('every count is that of the buckets up to its bound, the ends enclose them all, and there are no more than allowed', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 5 }),
      buckets,
      fc.integer({ min: 4, max: 60 }),
      (scale, below, given, most) => {
        const counts = Object.entries(given)
          .map(([exponent, count]) => [Number(exponent), count] as const)
          .sort(([a], [b]) => a - b);
        const rows = gridOf(scale, below, counts, most);
        const total = counts.reduce((sum, [, count]) => sum + count, 0);
        if (total === 0) {
          expect(rows).toEqual([]);
          return;
        }
        expect(rows.length).toBeGreaterThan(0);
        expect(rows.length).toBeLessThan(most);
        for (const [bound, count] of rows) {
          const exponent = Math.log2(bound) * 2 ** scale + 1e-6;
          const upTo = counts.reduce((sum, [at, more]) => sum + (at <= exponent ? more : 0), below);
          expect(count).toBe(upTo);
        }
        expect(rows.map(([bound]) => bound)).toEqual(rows.map(([bound]) => bound).sort((a, b) => a - b));
        expect(rows.at(-1)![1]).toBe(total + below);
      },
    ),
  );
});

test('two buckets to a doubling where that fits, else fewer', () => {
  const counts = [
    [0, 1],
    [8, 1],
  ] as const;
  expect(gridOf(3, 2, counts).map(([bound]) => bound)).toEqual([Math.SQRT1_2, 1, Math.SQRT2, 2]);
  expect(gridOf(3, 2, counts).map(([, count]) => count)).toEqual([2, 3, 3, 4]);
  expect(gridOf(3, 2, counts, 4)).toEqual([
    [0.5, 2],
    [1, 3],
    [2, 4],
  ]);
  expect(gridOf(3, 2, counts, 0)).toEqual([]);
});

test('a histogram that contradicts itself has no grid', () => {
  const grid = createExponentialGrid(10, 10);
  grid.begin(0, 0);
  grid.take(1, 5);
  grid.finish(6);
  expect(grid.size).toBe(0);
});

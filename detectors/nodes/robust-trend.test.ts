import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTrendFit } from './robust-trend.ts';

const fitted = createTrendFit();
const line = (count: number, slope: number, at = 0) => ({
  xs: Float64Array.from({ length: count }, (_, x) => x),
  ys: Float64Array.from({ length: count }, (_, x) => at + slope * x),
});

describe('a robust line', () => {
  test('through a quarter of wild points is the same line', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 32 }),
        fc.double({ min: -5, max: 5, noNaN: true }),
        fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 }),
        (count, slope, wild) => {
          const { xs, ys } = line(count, slope);
          for (const [index, value] of wild.entries()) ys[2 + index * 4] = value;
          const trend = fitted(xs, ys, count);
          expect(trend.slope).toBeCloseTo(slope, 6);
          expect(trend.slopeLow).toBeLessThanOrEqual(trend.slope);
          expect(trend.slopeHigh).toBeGreaterThanOrEqual(trend.slope);
        },
      ),
    );
  });

  test('tells rising from falling, and how it bends', () => {
    const { xs, ys } = line(30, 0.5);
    expect(fitted(xs, ys, 30)).toMatchObject({ slope: 0.5, noise: 0, span: 29 });
    const slowing = Float64Array.from(xs, (x) => 1 - Math.exp(-x / 10));
    const bent = fitted(xs, slowing, 30);
    expect(bent.late).toBeLessThan(bent.early / 2);
    const falling = Float64Array.from(xs, (x) => -x);
    expect(fitted(xs, falling, 30).slope).toBe(-1);
  });

  test('does not care for the points it is not shown', () => {
    const { xs, ys } = line(32, 1);
    ys.fill(-1e9, 20);
    expect(fitted(xs, ys, 20).slope).toBe(1);
  });
});

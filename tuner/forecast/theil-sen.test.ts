import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { median, quantile, theilSen } from './theil-sen.ts';

describe('quantile', () => {
  test('is the one of the sorted list, interpolated', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 1, maxLength: 60 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const sorted = [...values].sort((a, b) => a - b);
          const position = (sorted.length - 1) * share;
          const low = Math.floor(position);
          const high = Math.min(low + 1, sorted.length - 1);
          const expected = sorted[low] + (sorted[high] - sorted[low]) * (position - low);
          expect(quantile(values, share)).toBeCloseTo(expected, 3);
        },
      ),
    );
    expect(median([])).toBeNaN();
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

describe('a line through points', () => {
  const timesMs = Array.from({ length: 20 }, (_, row) => row * 5000);

  test('is found exactly where there is one, and despite a third of wild points', () => {
    const values = timesMs.map((timeMs) => 3 + 0.02 * (timeMs / 1000));
    expect(theilSen(timesMs, values)).toMatchObject({ perSecond: expect.closeTo(0.02), value: expect.closeTo(4.9) });
    const wild = values.map((value, row) => (row % 4 === 1 ? 1000 : value));
    expect(theilSen(timesMs, wild)?.perSecond).toBeCloseTo(0.02, 1);
  });

  test('needs three points', () => {
    expect(theilSen([0, 1000], [1, 2])).toBeUndefined();
  });
});

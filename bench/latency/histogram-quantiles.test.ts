import { expect, test } from 'vitest';
import { createQuantiles } from './histogram-quantiles.ts';

test('quantiles are of what was observed in between, interpolated within their bucket', () => {
  const values = (counts: Record<string, number>) => (sample: string) => counts[sample];
  const before = values({
    'x_bucket{le="0.005"}': 50,
    'x_bucket{le="0.01"}': 50,
    'x_bucket{le="0.015"}': 50,
    x_count: 50,
  });
  const later = { 'x_bucket{le="0.005"}': 140, 'x_bucket{le="0.01"}': 148, 'x_bucket{le="0.015"}': 149 };
  const { count, quantile, shareWithin } = createQuantiles('x', before, values({ ...later, x_count: 150 }));
  expect(count).toBe(100);
  expect(quantile(0.45)).toBeCloseTo(0.0025, 9);
  expect(quantile(0.94)).toBeCloseTo(0.0075, 9);
  expect(shareWithin(0.01)).toBeCloseTo(0.98, 9);
  expect(quantile(0.999)).toBe(Number.POSITIVE_INFINITY);
});

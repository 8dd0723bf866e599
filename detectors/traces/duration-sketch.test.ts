import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createDurationSketch, sketchBuckets, sketchError } from './duration-sketch.ts';

const duration = fc.oneof(
  fc.double({ min: 0.001, max: 1e9, noNaN: true }),
  fc.double({ min: 1, max: 1000, noNaN: true }),
  fc.constant(0),
);
const shares = [0.01, 0.5, 0.9, 0.95, 0.99, 1];

function sketchOf(values: readonly number[]) {
  const sketch = createDurationSketch();
  for (const value of values) sketch.add(value);
  return sketch;
}

test('every quantile is within its error of the value of that rank', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1, maxLength: 200 }), (values) => {
      const sketch = sketchOf(values);
      const sorted = [...values].sort((a, b) => a - b);
      for (const share of shares) {
        const exact = sorted[Math.max(1, Math.ceil(share * values.length)) - 1]!;
        expect(Math.abs(sketch.quantile(share) - exact)).toBeLessThanOrEqual(exact * sketchError * 1.0001 + 0.001);
      }
    }),
  );
});

test('the sketch of two sets is the one that took both in', () => {
  const values = fc.array(duration, { maxLength: 100 });
  fc.assert(
    fc.property(values, values, (a, b) => {
      const merged = sketchOf(a);
      merged.merge(sketchOf(b));
      const together = sketchOf([...a, ...b]);
      expect(merged.count).toBe(a.length + b.length);
      for (const share of shares) expect(merged.quantile(share)).toBe(together.quantile(share));
    }),
  );
});

test('emptied it is as new, and no durations make it larger than it says', () => {
  const sketch = sketchOf([1e-9, 1e12, 3]);
  expect(sketch.quantile(0.5)).toBeCloseTo(3, 1);
  sketch.clear();
  expect(sketch.quantile(0.5)).toBeNaN();
  for (let ms = 1e-6; ms < 1e12; ms *= 1.01) sketch.add(ms);
  let most = 0;
  sketch.each((bucket) => {
    most = Math.max(most, bucket + 1);
  });
  expect(most).toBe(sketchBuckets);
});

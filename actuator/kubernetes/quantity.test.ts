import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatCpu, formatMemory, parseQuantity } from './quantity.ts';

test.each([
  ['250m', 0.25],
  ['1', 1],
  ['150000000n', 0.15],
  ['128Mi', 134_217_728],
  ['1.5Gi', 1_610_612_736],
  ['1e3', 1000],
  ['100M', 100_000_000],
])('%s is %d', (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value, 9);
});

test.each(['', 'lots', '12Q', '1 Gi', undefined])('%s is no quantity', (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test('what is written reads back as no less, and as less than one millicore or byte more', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.001, max: 512, noNaN: true }),
      fc.integer({ min: 1, max: 2 ** 45 }),
      (cores, bytes) => {
        const cpu = parseQuantity(formatCpu(cores)) ?? Number.NaN;
        expect(cpu).toBeGreaterThanOrEqual(cores - 1e-6);
        expect(cpu - cores).toBeLessThan(0.0011);
        expect(parseQuantity(formatMemory(bytes))).toBe(bytes);
      },
    ),
  );
});

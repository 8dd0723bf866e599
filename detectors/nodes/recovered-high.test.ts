import { expect, test } from 'vitest';
import { createRecoveredHigh, lowestOf, noteValue, recoveredFrom } from './recovered-high.ts';

const minute = 60_000;

function after(values: readonly number[], stepMs = minute) {
  const high = createRecoveredHigh(values[0]!, 0);
  for (const [index, value] of values.entries()) noteValue(high, value, index * stepMs, 0.01, 0.95);
  return high;
}

test('what has only risen came down from nothing', () => {
  expect(recoveredFrom(after([0.2, 0.4, 0.395, 0.6]))).toBeNaN();
});

test('a saw-tooth came down from its tips', () => {
  const high = after([0.5, 0.7, 0.85, 0.8, 0.83, 0.5, 0.6]);
  expect(recoveredFrom(high)).toBe(0.85);
  expect(lowestOf(high)).toBe(0.5);
});

test('small dips on the way up are no recovery', () => {
  expect(recoveredFrom(after([0.2, 0.5, 0.47, 0.6, 0.56, 0.8]))).toBeNaN();
});

test('what was emptied because it was full is not what it comes down from by itself', () => {
  expect(recoveredFrom(after([0.5, 0.7, 0.6, 0.99, 0.3]))).toBe(0.7);
});

test('what comes each Sunday is known from the Sunday before', () => {
  const hour = 3_600_000;
  // A backup fills in the first four hours of the week, and is then removed.
  const backup = Array.from({ length: 7 * 24 + 4 }, (_, at) => 0.4 + (at % (7 * 24) < 4 ? 0.1 * (at % (7 * 24)) : 0));
  expect(recoveredFrom(after(backup, hour))).toBeCloseTo(0.7, 5);
  expect(recoveredFrom(after([0.4, ...backup], hour))).toBeCloseTo(0.7, 5);
});

test('is forgotten after a week', () => {
  const day = 86_400_000;
  const values = [0.5, 0.8, 0.5, ...Array.from({ length: 8 }, () => 0.5)];
  expect(recoveredFrom(after(values.slice(0, 5), day))).toBe(0.8);
  expect(recoveredFrom(after(values, day))).toBeNaN();
});

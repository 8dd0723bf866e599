import { expect, test } from 'vitest';
import { createLesson, learnScale, learnSpread, longMemory } from './robust-scale.ts';

const minuteMs = 60_000;

/** The spread after residuals of 1 and, at last, an hour of 50. */
function spreadAfter(quietSamples: number, memory = longMemory(minuteMs)): number {
  const spreads = new Float64Array(1);
  const lesson = { ...createLesson(), memory };
  for (let seen = 1; seen <= quietSamples + 60; seen += 1) {
    const deviates = seen > quietSamples;
    lesson.residual = deviates ? 50 : 1;
    learnSpread(spreads, 0, lesson, seen, deviates);
  }
  return spreads[0]!;
}

test('four weeks of samples are remembered, and two thousand where those are more', () => {
  expect(longMemory(minuteMs)).toBe(28 * 24 * 60);
  expect(longMemory(3_600_000)).toBe(2000);
});

test('an incident widens a spread for weeks, a little where the series is old, and that of a young one by half of itself', () => {
  expect(spreadAfter(40_000)).toBeLessThan(2.3);
  expect(spreadAfter(40_000, 2000)).toBeGreaterThan(8);
  // Sixty of three hundred would be a root mean square of 20.
  expect(spreadAfter(300)).toBeLessThan(12);
});

test('a scale forgets as slowly as it is told to', () => {
  const after = (memory: number): number => {
    const scales = Float64Array.of(1);
    const lesson = { residual: 3, floor: 0, memory };
    for (let sample = 0; sample < 500; sample += 1) learnScale(scales, 0, lesson, 100_000, false);
    return scales[0]!;
  };
  expect(after(2000)).toBeGreaterThan(1.5);
  expect(after(40_320)).toBeLessThan(1.05);
});

import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { inputClip } from '../index.ts';
import { generateSeries } from './generated-series.ts';
import { normaliseSeries } from './normalised-series.ts';
import { loadTrainingData } from './training-data.ts';

describe('training data', () => {
  test('generated series are finite, move, and are the same for the same seed', () => {
    const random = createRandom(3);
    const again = createRandom(3);
    for (let draw = 0; draw < 60; draw++) {
      const values = generateSeries(random, 500);
      expect(values).toEqual(generateSeries(again, 500));
      expect(values.every(Number.isFinite)).toBe(true);
      expect(new Set(values).size).toBeGreaterThan(1);
    }
  });

  test('a series is normalised as it comes, and its target is the next value in the same scale', () => {
    const { inputs, targets } = normaliseSeries(Float64Array.from({ length: 300 }, (_, at) => 50 + 10 * Math.sin(at)));
    expect(inputs.length).toBe(299);
    for (const value of [...inputs, ...targets]) expect(Math.abs(value)).toBeLessThanOrEqual(inputClip);
    // The scale moves little from one point to the next, so a target is nearly the next input.
    for (let at = 200; at < 298; at++) expect(targets[at]).toBeCloseTo(inputs[at + 1]!, 1);
  });

  test('without public series there are our own alone', async () => {
    const world = { seed: 9901, part: 'training', hours: 0.1, traffic: {} } as const;
    const sources = await loadTrainingData('nowhere', 1, [world]);
    expect(sources.map(({ name }) => name)).toEqual(['generated', 'simulator']);
    for (const { series } of sources) expect(series.length).toBeGreaterThan(100);
  });
});

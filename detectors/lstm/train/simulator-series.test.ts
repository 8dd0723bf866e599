import { describe, expect, test } from 'vitest';
import { simulateSeries, trainingWorlds } from './simulator-series.ts';
import { spanOf } from './training-series.ts';

const world = { seed: 9901, part: 'heldOut', hours: 0.1, traffic: {} } as const;

describe('series of the simulator', () => {
  test('are those of a whole shop that move, all in the part of their world, and the same for the same seed', () => {
    const series = simulateSeries(world);
    // Readings every 10 and 30 s are too few in six minutes.
    expect(series.length).toBeGreaterThan(100);
    expect(series.length).toBeLessThan(200);
    for (const one of series) {
      expect(one.inputs.length).toBeGreaterThanOrEqual(177);
      expect(one.inputs.every(Number.isFinite)).toBe(true);
      expect(new Set(one.inputs).size).toBeGreaterThan(2);
      expect(spanOf(one, 'training')).toEqual([0, 0]);
      expect(spanOf(one, 'heldOut')).toEqual([0, one.inputs.length]);
    }
    expect(simulateSeries(world)).toEqual(series);
    expect(simulateSeries({ ...world, seed: 9902 })).not.toEqual(series);
  });

  test('have counters as rates: none only grows', () => {
    const grows = ({ inputs }: { readonly inputs: Float32Array }): boolean =>
      inputs.every((value, at) => at === 0 || value >= inputs[at - 1]!);
    expect(simulateSeries(world).some(grows)).toBe(false);
  });

  test('are read more slowly too', () => {
    const lengths = simulateSeries({ ...world, hours: 0.5 }).map(({ inputs }) => inputs.length);
    expect(Math.min(...lengths)).toBeLessThan(180);
    expect(Math.max(...lengths)).toBeGreaterThan(890);
  });
});

test('worlds that judge are strangers to those that train', () => {
  const worlds = trainingWorlds(1);
  expect(new Set(worlds.map(({ seed }) => seed)).size).toBe(worlds.length);
  for (const part of ['training', 'validation', 'heldOut']) {
    expect(worlds.some((one) => one.part === part)).toBe(true);
  }
});

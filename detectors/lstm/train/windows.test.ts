import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { type TrainingSource, timeParts } from './training-series.ts';
import { drawWindows } from './windows.ts';

const points = 1000;

/** A series whose inputs tell their own time, and whose targets are those of the next point. */
const sources: readonly TrainingSource[] = [1, 3].map((share) => ({
  name: `share ${share}`,
  share,
  series: [
    {
      inputs: Float32Array.from({ length: points }, (_, at) => at + 1),
      targets: Float32Array.from({ length: points }, (_, at) => at + 2),
    },
  ],
}));

describe('training windows', () => {
  test('lie wholly within their part of the time, so that judges see nothing that was trained on', () => {
    for (const part of ['training', 'validation', 'heldOut'] as const) {
      const windows = drawWindows(sources, part, 500, createRandom(1));
      const [from, until] = timeParts[part];
      for (let row = 0; row < windows.count; row++) {
        expect(windows.inputs[row * forecastWindow]! - 1).toBeGreaterThanOrEqual(from * points);
        expect(windows.inputs[(row + 1) * forecastWindow - 1]! - 1).toBeLessThan(until * points);
      }
    }
  });

  test('come from whole series where a series belongs to one part, and never for another part', () => {
    const whole = (part: 'training' | 'heldOut', value: number) => ({
      inputs: new Float32Array(100).fill(value),
      targets: new Float32Array(100).fill(value),
      part,
    });
    const worlds = [{ name: 'worlds', share: 1, series: [whole('training', 1), whole('heldOut', 2)] }];
    const seen = (part: 'training' | 'heldOut') => new Set(drawWindows(worlds, part, 100, createRandom(1)).inputs);
    expect(seen('training')).toEqual(new Set([1]));
    expect(seen('heldOut')).toEqual(new Set([2]));
  });

  test('have the next point as the target of every step', () => {
    const { inputs, targets } = drawWindows(sources, 'training', 50, createRandom(1));
    for (let at = 0; at < inputs.length; at++) expect(targets[at]).toBe(inputs[at]! + 1);
  });

  test('come from the sources by their shares', () => {
    const { sources: drawn } = drawWindows(sources, 'training', 4000, createRandom(1));
    const ofSecond = drawn.reduce((sum, source) => sum + source, 0);
    expect(ofSecond).toBeGreaterThan(2850);
    expect(ofSecond).toBeLessThan(3150);
  });

  test('are the same for the same seed', () => {
    const draw = (seed: number): Float32Array => drawWindows(sources, 'training', 20, createRandom(seed)).inputs;
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
  });
});

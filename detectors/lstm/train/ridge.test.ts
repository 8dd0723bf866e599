import { expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { fitRidge, predictRidge } from './ridge.ts';
import type { WindowSet } from './windows.ts';

test('ridge regression finds the rule of a linear series in spite of outliers', () => {
  const random = createRandom(2);
  const count = 2000;
  const windows: WindowSet = {
    count,
    inputs: Float32Array.from({ length: count * forecastWindow }, () => random() * 2 - 1),
    targets: new Float32Array(count * forecastWindow),
    sources: new Uint8Array(count),
  };
  for (let row = 0; row < count; row++) {
    const end = (row + 1) * forecastWindow - 1;
    windows.targets[end] = 0.5 + 0.7 * windows.inputs[end]! - 0.2 * windows.inputs[end - 3]!;
    if (row % 20 === 0) windows.targets[end] = 8;
  }
  const weights = fitRidge(windows, 1e-6);
  expect(weights[forecastWindow - 1]).toBeCloseTo(0.7, 1);
  expect(weights[forecastWindow - 4]).toBeCloseTo(-0.2, 1);
  expect(weights[forecastWindow]).toBeCloseTo(0.5, 1);
  expect(predictRidge(weights, windows.inputs, 8 * forecastWindow - 1)).toBeCloseTo(
    windows.targets[8 * forecastWindow - 1]!,
    1,
  );
});

import { expect, test } from 'vitest';
import { shippedForecastModelPath } from '../index.ts';
import { readOptions } from './options.ts';

test('training options have defaults, and the datasets come from the environment', () => {
  expect(readOptions([], {})).toMatchObject({ seed: 1, quick: false, out: shippedForecastModelPath });
  expect(readOptions(['--seed', '7', '--epochs', '2', '--quick'], { KYBERN_DATASETS: 'data' })).toMatchObject({
    seed: 7,
    epochs: 2,
    quick: true,
    datasetsPath: 'data',
  });
  expect(readOptions(['--help'], {})).toBeUndefined();
});

test('what is not understood is refused', () => {
  expect(() => readOptions(['--epochs', 'many'], {})).toThrow(/--epochs takes a whole number/);
  expect(() => readOptions(['--fast'], {})).toThrow(/fast/);
});

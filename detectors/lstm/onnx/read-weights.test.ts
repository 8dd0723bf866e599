import { expect, test } from 'vitest';
import { randomWeights } from '../testing/random-weights.ts';
import { exportNetwork } from './export-network.ts';
import { readWeights } from './read-weights.ts';

test('the weights in an ONNX file are those that were exported', () => {
  const weights = randomWeights(5);
  expect(readWeights(exportNetwork(weights, 'gemm'))).toEqual(weights);
  // A Buffer from a file is often a part of a pool: the place of its floats must not matter.
  expect(readWeights(Buffer.concat([exportNetwork(weights, 'gemm')]))).toEqual(weights);
});

test('the same weights give the same file', () => {
  const bytes = exportNetwork(randomWeights(5), 'gemm');
  expect(exportNetwork(randomWeights(5), 'gemm')).toEqual(bytes);
  expect(exportNetwork(randomWeights(6), 'gemm')).not.toEqual(bytes);
});

test('what is no such file is refused', () => {
  expect(() => readWeights(new TextEncoder().encode('not a model'))).toThrow(RangeError);
  expect(() => readWeights(exportNetwork(randomWeights(5), 'operator'))).toThrow(/input_weights_1/);
});

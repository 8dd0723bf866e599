import { createRandom } from '../../../model/index.ts';
import { type ForecastWeights, type LstmWeights, networkShape } from '../network.ts';

/** Weights of the spec's network, uniform within the range that keeps gates neither shut nor open, by seed. */
export function randomWeights(seed: number): ForecastWeights {
  const random = createRandom(seed);
  const uniform = (length: number, width: number): Float32Array =>
    Float32Array.from({ length }, () => (random() * 2 - 1) * width);
  const layer = (inputs: number, units: number): LstmWeights => ({
    inputs,
    units,
    kernel: uniform(inputs * 4 * units, 0.4),
    recurrent: uniform(units * 4 * units, 0.2),
    bias: uniform(4 * units, 0.5),
  });
  const { inputs, firstUnits, secondUnits } = networkShape;
  return {
    first: layer(inputs, firstUnits),
    second: layer(firstUnits, secondUnits),
    denseKernel: uniform(secondUnits, 0.5),
    denseBias: uniform(1, 0.5),
  };
}

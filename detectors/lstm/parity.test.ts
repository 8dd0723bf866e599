import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { forecastWindow } from './forecast-model.ts';
import { shippedForecastModelPath } from './load-forecast-model.ts';
import { type CellForm, exportNetwork } from './onnx/export-network.ts';
import { readWeights } from './onnx/read-weights.ts';
import { randomWeights } from './testing/random-weights.ts';
import { writeModel } from './testing/write-model.ts';
import { parityError, parityLimit, predictWindows } from './train/parity.ts';
import { loadWasm } from './train/tensorflow.ts';

const { tf } = await loadWasm();

/** Random windows [windows, 60], half of them smooth. */
function randomWindows(windows: number, seed: number): Float32Array {
  const random = createRandom(seed);
  const values = new Float32Array(windows * forecastWindow);
  for (let at = 0; at < values.length; at++) {
    const smooth = Math.floor(at / forecastWindow) % 2 === 0;
    values[at] = smooth ? 3 * Math.sin(at * 0.1 * random()) : random() * 16 - 8;
  }
  return values;
}

describe('the stateful steps of ONNX Runtime say what TensorFlow.js predicts on windows', () => {
  test.each<CellForm>(['gemm', 'operator'])('with any weights and inputs, cells as %s', async (form) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
        const weights = randomWeights(seed);
        const windows = randomWindows(40, seed);
        const path = await writeModel(exportNetwork(weights, form));
        expect(await parityError(tf, weights, path, windows)).toBeLessThanOrEqual(parityLimit);
        expect(new Set(predictWindows(tf, weights, windows)).size).toBeGreaterThan(30);
        await rm(dirname(path), { recursive: true });
      }),
      { numRuns: 4 },
    );
  });

  test('with the weights that are shipped', async () => {
    const weights = readWeights(await readFile(shippedForecastModelPath));
    expect(await parityError(tf, weights, shippedForecastModelPath, randomWindows(40, 4))).toBeLessThanOrEqual(1e-4);
  });

  test('and another network says something else', async () => {
    const windows = randomWindows(10, 5);
    expect(await parityError(tf, randomWeights(5), shippedForecastModelPath, windows)).toBeGreaterThan(0.1);
  });
});

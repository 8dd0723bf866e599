import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { forecastWindow } from './forecast-model.ts';
import { loadForecastModel, shippedForecastModelPath } from './load-forecast-model.ts';
import type { ForecastWeights } from './network.ts';
import { type CellForm, exportNetwork } from './onnx/export-network.ts';
import { readWeights } from './onnx/read-weights.ts';
import { randomWeights } from './testing/random-weights.ts';
import { writeModel } from './testing/write-model.ts';
import { createPredictModel } from './train/network.ts';
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

/** The next points that TensorFlow.js predicts for whole windows: the last point and the change that the network says. */
function predictWindows(weights: ForecastWeights, windows: Float32Array): Float32Array {
  return tf.tidy(() => {
    const model = createPredictModel(tf, weights);
    const input = tf.tensor3d(windows, [windows.length / forecastWindow, forecastWindow, 1]);
    const output = model.predict(input, { batchSize: 64 });
    if (Array.isArray(output)) throw new TypeError('the network has one output');
    return Float32Array.from(output.dataSync(), (change, row) => windows[(row + 1) * forecastWindow - 1]! + change);
  });
}

/** What the served model forecasts after the same points, one step at a time from the zero state. */
async function stepThrough(path: string, windows: Float32Array): Promise<Float32Array> {
  const model = await loadForecastModel({ path, threads: 1 });
  const count = windows.length / forecastWindow;
  model.ensure(count);
  const slots = Uint32Array.from({ length: count }, (_, slot) => slot);
  const inputs = new Float32Array(count);
  const predictions = new Float32Array(count);
  for (let point = 0; point < forecastWindow; point++) {
    for (let row = 0; row < count; row++) inputs[row] = windows[row * forecastWindow + point]!;
    await model.step(slots, inputs, count, predictions);
  }
  await model.close();
  return predictions;
}

function largestDifference(left: Float32Array, right: Float32Array): number {
  return left.reduce((largest, value, at) => Math.max(largest, Math.abs(value - right[at]!)), 0);
}

describe('the stateful steps of ONNX Runtime say what TensorFlow.js predicts on windows', () => {
  test.each<CellForm>(['gemm', 'operator'])('with any weights and inputs, cells as %s', async (form) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 2 ** 31 - 1 }), async (seed) => {
        const weights = randomWeights(seed);
        const windows = randomWindows(40, seed);
        const path = await writeModel(exportNetwork(weights, form));
        const expected = predictWindows(weights, windows);
        expect(largestDifference(await stepThrough(path, windows), expected)).toBeLessThanOrEqual(1e-4);
        expect(new Set(expected).size).toBeGreaterThan(30);
        await rm(dirname(path), { recursive: true });
      }),
      { numRuns: 4 },
    );
  });

  test('with the weights that are shipped', async () => {
    const weights = readWeights(await readFile(shippedForecastModelPath));
    const windows = randomWindows(40, 4);
    const expected = predictWindows(weights, windows);
    expect(largestDifference(await stepThrough(shippedForecastModelPath, windows), expected)).toBeLessThanOrEqual(1e-4);
  });
});

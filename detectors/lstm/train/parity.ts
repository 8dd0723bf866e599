import { type ForecastWeights, forecastWindow, loadForecastModel } from '../index.ts';
import { createPredictModel } from './network.ts';
import type { TensorFlow } from './tensorflow.ts';

/** Largest difference that an exported model may have to the network it was exported from. */
export const parityLimit = 1e-4;

/**
 * Largest difference between what TensorFlow.js predicts with these weights on whole windows [windows, 60] and what the
 * model file forecasts after the same points, one stateful step at a time from the zero state.
 */
export async function parityError(
  tf: TensorFlow,
  weights: ForecastWeights,
  path: string,
  windows: Float32Array,
): Promise<number> {
  const expected = predictWindows(tf, weights, windows);
  const stepped = await stepThrough(path, windows);
  let largest = 0;
  for (const [row, value] of stepped.entries()) {
    const difference = Math.abs(value - expected[row]!);
    // What is no number is as far off as can be.
    largest = difference <= largest ? largest : Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

/** The next points that TensorFlow.js predicts for whole windows: the last point and the change that the network says. */
export function predictWindows(tf: TensorFlow, weights: ForecastWeights, windows: Float32Array): Float32Array {
  return tf.tidy(() => {
    const model = createPredictModel(tf, weights);
    const input = tf.tensor3d(windows, [windows.length / forecastWindow, forecastWindow, 1]);
    const output = model.predict(input, { batchSize: 64 });
    if (Array.isArray(output)) throw new TypeError('the network has one output');
    return Float32Array.from(output.dataSync(), (change, row) => windows[(row + 1) * forecastWindow - 1]! + change);
  });
}

/** What the served model forecasts after the same points. */
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

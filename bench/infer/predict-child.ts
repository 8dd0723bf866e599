import { readFile } from 'node:fs/promises';
import { forecastWindow, readWeights, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import { createPredictModel } from '../../detectors/lstm/train/network.ts';
import { loadNative, loadWasm } from '../../detectors/lstm/train/tensorflow.ts';
import { createRandom } from '../../model/index.ts';
import { measureRate } from '../measure-rate.ts';

// Runs in a process of its own: `predict-child.ts wasm|tfjs-node BATCH TRIALS SECONDS` prints a rate as JSON, or null
// where the backend is not there.
const [backend, batch, trials, seconds] = process.argv.slice(2);
const loaded = backend === 'wasm' ? await loadWasm() : loadNative();
console.log(JSON.stringify(loaded === undefined ? null : await predictRate(loaded.tf)));

/** Windows of 60 a second through TensorFlow.js's own `predict`. */
async function predictRate(tf: Parameters<typeof createPredictModel>[0]): Promise<unknown> {
  const windows = Number(batch);
  const model = createPredictModel(tf, readWeights(await readFile(shippedForecastModelPath)));
  const random = createRandom(1);
  const values = Float32Array.from({ length: windows * forecastWindow }, () => random() * 2 - 1);
  const input = tf.tensor3d(values, [windows, forecastWindow, 1]);
  return measureRate(
    () => {
      tf.tidy(() => {
        const output = model.predict(input, { batchSize: windows });
        if (!Array.isArray(output)) output.dataSync();
      });
      return windows;
    },
    { trials: Number(trials), seconds: Number(seconds) },
  );
}

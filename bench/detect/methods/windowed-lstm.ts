import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForecastModel, loadForecastModel } from '../../../detectors/index.ts';
import { forecastWindow, inputClip } from '../../../detectors/lstm/index.ts';
import { createTrainingNetwork } from '../../../detectors/lstm/train/network.ts';
import { saveModel } from '../../../detectors/lstm/train/save-model.ts';
import { loadTensorFlow } from '../../../detectors/lstm/train/tensorflow.ts';
import { createTrainer } from '../../../detectors/lstm/train/trainer.ts';
import type { WindowSet } from '../../../detectors/lstm/train/windows.ts';
import { createRandom } from '../../../model/index.ts';
import type { SeriesMethod } from './method.ts';
import { standardise } from './ridge-ar.ts';
import { overScale } from './robust-scale.ts';

const windowsPerEpoch = 4000;
const epochs = 3;
const seed = 1;
/** Windows that go through the network side by side. */
const rows = 512;

/**
 * The spec's network as the literature uses it: trained for each series on windows of its first part, and asked about
 * every window of 60 from a zero state. Minutes a series, which is why it runs only when it is named.
 */
export const windowedLstmMethod: SeriesMethod = {
  name: 'lstm60',
  async score({ values }, fitEnd) {
    const inputs = Float32Array.from(standardise(values, fitEnd), (value) =>
      Math.max(-inputClip, Math.min(inputClip, value)),
    );
    const folder = await mkdtemp(join(tmpdir(), 'kybern-lstm60-'));
    try {
      const path = join(folder, 'forecast.onnx');
      await train(path, inputs, fitEnd);
      const model = await loadForecastModel({ path, threads: 1 });
      const forecasts = await forecastWindows(model, inputs);
      await model.close();
      const standard = standardise(values, fitEnd);
      return {
        scores: overScale(
          standard.map((value, at) => value - forecasts[at]!),
          standard,
          fitEnd,
        ),
      };
    } finally {
      await rm(folder, { recursive: true });
    }
  },
};

async function train(path: string, inputs: Float32Array, fitEnd: number): Promise<void> {
  const { tf } = await loadTensorFlow();
  const network = createTrainingNetwork(tf, seed);
  const trainer = createTrainer(tf, network, seed, epochs);
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    await trainer.epoch(drawWindows(inputs, fitEnd, epoch), epoch, () => {});
  }
  await saveModel(path, network.weights());
}

function drawWindows(inputs: Float32Array, fitEnd: number, epoch: number): WindowSet {
  const starts = fitEnd - forecastWindow - 1;
  const count = Math.max(1, Math.min(windowsPerEpoch, starts));
  const random = createRandom(seed * 1000 + epoch);
  const windows: WindowSet = {
    count,
    inputs: new Float32Array(count * forecastWindow),
    targets: new Float32Array(count * forecastWindow),
    sources: new Uint8Array(count),
  };
  for (let row = 0; row < count; row += 1) {
    const start = Math.floor(random() * Math.max(1, starts));
    windows.inputs.set(inputs.subarray(start, start + forecastWindow), row * forecastWindow);
    windows.targets.set(inputs.subarray(start + 1, start + forecastWindow + 1), row * forecastWindow);
  }
  return windows;
}

/** The forecast of each point from the 60 before it; NaN for the first 60. */
async function forecastWindows(model: ForecastModel, inputs: Float32Array): Promise<Float64Array> {
  const forecasts = new Float64Array(inputs.length).fill(Number.NaN);
  model.ensure(rows);
  const slots = Uint32Array.from({ length: rows }, (_, row) => row);
  const column = new Float32Array(rows);
  const predictions = new Float32Array(rows);
  for (let first = forecastWindow; first < inputs.length; first += rows) {
    const count = Math.min(rows, inputs.length - first);
    for (let row = 0; row < count; row += 1) model.reset(row);
    for (let step = 0; step < forecastWindow; step += 1) {
      for (let row = 0; row < count; row += 1) column[row] = inputs[first + row - forecastWindow + step]!;
      await model.step(slots, column, count, predictions);
    }
    for (let row = 0; row < count; row += 1) forecasts[first + row] = predictions[row]!;
  }
  return forecasts;
}

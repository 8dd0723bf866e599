import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ForecastModel, loadForecastModel } from '../../../detectors/index.ts';
import { forecastWindow, inputClip, stateParts } from '../../../detectors/lstm/index.ts';
import { createTrainingNetwork } from '../../../detectors/lstm/train/network.ts';
import { saveModel } from '../../../detectors/lstm/train/save-model.ts';
import { loadTensorFlow } from '../../../detectors/lstm/train/tensorflow.ts';
import { createTrainer } from '../../../detectors/lstm/train/trainer.ts';
import type { WindowSet } from '../../../detectors/lstm/train/windows.ts';
import { createRandom } from '../../../model/index.ts';
import type { SeriesMethod } from './method.ts';
import { standardise } from './ridge-ar.ts';
import { overScale } from './robust-scale.ts';

/** A light training, the same for every series however long. A batch of 256 costs little more than one of 64. */
const training = { windowsPerEpoch: 12_000, epochs: 4, batchSize: 256, seed: 1 } as const;
const modelFile = 'forecast.onnx';
/** Points that one row forecasts before it starts anew, from the 60 before it. */
export const stretch = 1024;

/**
 * The spec's network as the literature uses it: trained for each series, on windows of its first part. About a CPU
 * minute a series, which is why it runs only when it is named; what is trained stays in the temporary folder, so that a
 * run that was broken off goes on where it was.
 */
export function createWindowedLstmMethod(say: (line: string) => void): SeriesMethod {
  return {
    name: 'lstm60',
    async score({ name, values }, fitEnd) {
      const standard = standardise(values, fitEnd);
      const inputs = Float32Array.from(standard, (value) => Math.max(-inputClip, Math.min(inputClip, value)));
      const folder = folderOf(inputs.subarray(0, fitEnd));
      if (!existsSync(folder)) await train(folder, inputs, fitEnd, (line) => say(`lstm60 ${name}: ${line}`));
      const model = await loadForecastModel({ path: join(folder, modelFile), threads: 1 });
      const forecasts = await forecastAll(model, inputs);
      await model.close();
      return {
        scores: overScale(
          standard.map((value, at) => value - forecasts[at]!),
          standard,
          fitEnd,
        ),
      };
    },
  };
}

/** Where a network is kept follows from what it is trained on, how, and of what form the file is. */
function folderOf(trained: Float32Array): string {
  const hash = createHash('sha256').update(JSON.stringify({ training, stateParts }));
  hash.update(new Uint8Array(trained.buffer, trained.byteOffset, trained.byteLength));
  return join(tmpdir(), 'kybern-lstm60', hash.digest('hex').slice(0, 16));
}

async function train(folder: string, inputs: Float32Array, fitEnd: number, say: (line: string) => void): Promise<void> {
  const { epochs, batchSize, seed } = training;
  const { tf, backend } = await loadTensorFlow();
  const network = createTrainingNetwork(tf, seed);
  const trainer = createTrainer(tf, network, seed, epochs, batchSize);
  for (let epoch = 1; epoch <= epochs; epoch += 1) {
    const startMs = performance.now();
    const loss = await trainer.epoch(drawWindows(inputs, fitEnd, epoch), epoch, () => {});
    const seconds = Math.round((performance.now() - startMs) / 1000);
    say(`epoch ${epoch} of ${epochs} on ${backend} in ${seconds} s, loss ${loss.toPrecision(3)}`);
  }
  // What is there is whole.
  await rm(`${folder}.new`, { recursive: true, force: true });
  await saveModel(join(`${folder}.new`, modelFile), network.weights());
  await rename(`${folder}.new`, folder);
}

function drawWindows(inputs: Float32Array, fitEnd: number, epoch: number): WindowSet {
  const starts = fitEnd - forecastWindow - 1;
  const count = Math.max(1, Math.min(training.windowsPerEpoch, starts));
  const random = createRandom(training.seed * 1000 + epoch);
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

/**
 * The forecast of each point from those before it; NaN for the first 60. Stretches of the series go through the network
 * side by side, each from a zero state and the 60 points before its first: a step a point, where windows take 60. A
 * network trained on windows of 60 says nearly the same of a longer past (measured: to 6e-5).
 */
export async function forecastAll(model: ForecastModel, inputs: Float32Array): Promise<Float64Array> {
  const forecasts = new Float64Array(inputs.length).fill(Number.NaN);
  const rows = Math.ceil((inputs.length - forecastWindow) / stretch);
  if (rows <= 0) return forecasts;
  model.ensure(rows);
  const slots = Uint32Array.from({ length: rows }, (_, row) => row);
  for (const slot of slots) model.reset(slot);
  const column = new Float32Array(rows);
  const predictions = new Float32Array(rows);
  for (let step = 0; step < forecastWindow - 1 + stretch; step += 1) {
    for (let row = 0; row < rows; row += 1) column[row] = inputs[row * stretch + step] ?? 0;
    await model.step(slots, column, rows, predictions);
    if (step < forecastWindow - 1) continue;
    for (let row = 0; row < rows; row += 1) {
      const at = row * stretch + step + 1;
      if (at < forecasts.length) forecasts[at] = predictions[row]!;
    }
  }
  return forecasts;
}

import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { createRandom } from '../../model/index.ts';
import { nextOf, stateParts } from './network.ts';
import { inputClip } from './normalise.ts';
import { activationZero } from './onnx/activation-bytes.ts';
import { tilesOf } from './onnx/tile-network.ts';
import { type Apart, type Precision, statesOf } from './precision.ts';
import { runInto } from './run-into.ts';

/** Series that are forecast, the first of which stands still. */
const rows = 25;
const steps = 300;
/** From here on forecasts are compared: the states have found where they belong. */
const firstCompared = 60;

/**
 * How far the forecasts of a network in int8, over tiles, lie from those of the network as its file has it, over series that are
 * always the same: one that stands still, waves, noise, walks, steps and spikes, each form going on from its own states.
 */
export async function compareForms(file: InferenceSession, tiled: InferenceSession): Promise<Apart> {
  const [exact, rounded] = [createRun(file, 'float32', (name) => name, []), createRun(tiled, 'int8', tilesOf, [1])];
  const random = createRandom(1);
  const walks = new Float64Array(rows);
  const inputs = new Float32Array(rows);
  let sum = 0;
  let atRest = 0;
  for (let step = 0; step < steps; step += 1) {
    for (let row = 1; row < rows; row += 1) {
      walks[row] = 0.95 * walks[row]! + (random() - 0.5);
      const value = shapes[row % shapes.length]!(step, row, walks[row]!, random());
      inputs[row] = Math.max(-inputClip, Math.min(inputClip, value));
    }
    const [expected, found] = [await exact(inputs), await rounded(inputs)];
    atRest = Math.abs(found[0]! - expected[0]!);
    if (step < firstCompared) continue;
    for (let row = 1; row < rows; row += 1) sum += Math.abs(found[row]! - expected[row]!);
  }
  return { moving: sum / ((rows - 1) * (steps - firstCompared)), atRest };
}

type Shape = (step: number, row: number, walk: number, noise: number) => number;

/** Noise lies between 0 and 1. */
const shapes: readonly Shape[] = [
  (step, row, _walk, noise) => 2 * Math.sin(step / (1 + row)) + 0.5 * (noise - 0.5),
  (_step, _row, _walk, noise) => 4 * (noise - 0.5),
  (_step, _row, walk) => walk,
  (step, row) => (Math.floor(step / (10 + row)) % 2 === 0 ? 1.2 : -1.2),
  (step, row, _walk, noise) => (step % (20 + row) === 0 ? inputClip : noise - 0.5),
];

/** Forecasts of one more point of each row. */
function createRun(
  session: InferenceSession,
  precision: Precision,
  name: (tensor: string) => string,
  tiles: readonly number[],
): (inputs: Float32Array) => Promise<Float32Array> {
  const prediction = new Float32Array(rows);
  const feeds: Record<string, Tensor> = {};
  const fetches: Record<string, Tensor> = {
    [name('prediction')]: new Tensor('float32', prediction, [...tiles, rows, 1]),
  };
  for (const [at, { units, ofBytes }] of statesOf(precision).entries()) {
    const part = stateParts[at]!.name;
    feeds[name(part)] = ofBytes
      ? new Tensor('uint8', new Uint8Array(rows * units).fill(activationZero), [...tiles, rows, units])
      : new Tensor('float32', new Float32Array(rows * units), [...tiles, rows, units]);
    fetches[name(nextOf(part))] = feeds[name(part)]!;
  }
  return async (inputs) => {
    feeds[name('x')] = new Tensor('float32', inputs, [...tiles, rows, 1]);
    await runInto(session, feeds, fetches);
    return prediction;
  };
}

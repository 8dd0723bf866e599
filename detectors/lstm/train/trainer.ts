import type { Scalar, Tensor } from '@tensorflow/tfjs';
import { createRandom, type Random } from '../../../model/index.ts';
import { forecastWindow, networkShape } from '../index.ts';
import type { OptimizerTensor } from './checkpoint.ts';
import type { TrainingNetwork } from './network.ts';
import type { TensorFlow } from './tensorflow.ts';
import type { WindowSet } from './windows.ts';

/** Huber's loss turns from squares to absolute values here: well below a scale, so that smooth series count too. */
const huberDelta = 0.25;

export interface LearningRates {
  readonly first: number;
  readonly last: number;
}

/** For a network that begins with nothing. */
const rates: LearningRates = { first: 3e-3, last: 1e-4 };

export interface Trainer {
  /**
   * One pass over the windows, in the order given; `report` is told the windows done and the running loss after every
   * batch, and waited for. Rejects as it does.
   */
  epoch(windows: WindowSet, epoch: number, report: (done: number, loss: number) => unknown): Promise<number>;
  /** Mean loss over all steps, without dropout; waits for `pause` after every few hundred windows. */
  loss(windows: WindowSet, pause?: () => unknown): Promise<number>;
  optimizer(): Promise<readonly OptimizerTensor[]>;
  setOptimizer(tensors: readonly OptimizerTensor[]): Promise<void>;
}

/** Trains by Adam with Huber's loss; `epochs` is the length of the whole run, over which the rate falls. */
export function createTrainer(
  tf: TensorFlow,
  network: TrainingNetwork,
  seed: number,
  epochs: number,
  batchSize = 64,
  learningRates: LearningRates = rates,
): Trainer {
  let optimizer = tf.train.adam(learningRates.first);

  function tensorOf(values: Float32Array, from: number, rows: number): Tensor {
    return tf.tensor3d(values.subarray(from * forecastWindow, (from + rows) * forecastWindow), [
      rows,
      forecastWindow,
      1,
    ]);
  }

  function lossOf(targets: Tensor, forecasts: Tensor): Scalar {
    return tf.losses.huberLoss(targets, forecasts, undefined, huberDelta).asScalar();
  }

  /** Adam's rate cannot be changed, its state can be moved: half a cosine from the first to the last rate. */
  async function setLearningRate(epoch: number): Promise<void> {
    const share = epochs > 1 ? (epoch - 1) / (epochs - 1) : 0;
    const rate =
      learningRates.last + (learningRates.first - learningRates.last) * 0.5 * (1 + Math.cos(Math.PI * share));
    const state = await optimizer.getWeights();
    optimizer = tf.train.adam(rate);
    if (state.length > 1) await optimizer.setWeights(state);
  }

  return {
    async epoch(windows, epoch, report) {
      await setLearningRate(epoch);
      const random = createRandom(seed * 7919 + epoch);
      let sum = 0;
      let done = 0;
      while (done < windows.count) {
        const rows = Math.min(batchSize, windows.count - done);
        const from = done;
        const mask = dropoutMask(rows * forecastWindow * networkShape.firstUnits, random);
        const loss = tf.tidy(() => {
          const cost = optimizer.minimize(
            () =>
              lossOf(
                tensorOf(windows.targets, from, rows),
                network.forward(
                  tensorOf(windows.inputs, from, rows),
                  tf.tensor3d(mask, [rows, forecastWindow, networkShape.firstUnits]),
                ),
              ),
            true,
          );
          return cost!.dataSync()[0]!;
        });
        done += rows;
        sum += loss * rows;
        await report(done, sum / done);
        // Lets signals and the progress line through between batches.
        await new Promise(setImmediate);
      }
      return sum / done;
    },
    async loss(windows, pause) {
      let sum = 0;
      for (let from = 0; from < windows.count; from += 512) {
        const rows = Math.min(512, windows.count - from);
        sum += tf.tidy(
          () =>
            lossOf(
              tensorOf(windows.targets, from, rows),
              network.forward(tensorOf(windows.inputs, from, rows)),
            ).dataSync()[0]! * rows,
        );
        await pause?.();
      }
      return sum / windows.count;
    },
    async optimizer() {
      const state = await optimizer.getWeights();
      return state.map(({ name, tensor }) => ({
        name,
        shape: tensor.shape,
        values: Float32Array.from(tensor.dataSync()),
      }));
    },
    async setOptimizer(tensors) {
      await optimizer.setWeights(
        tensors.map(({ name, shape, values }) =>
          name === 'iter'
            ? { name, tensor: tf.scalar(values[0]!, 'int32') }
            : { name, tensor: tf.tensor(values, [...shape]) },
        ),
      );
    },
  };
}

/**
 * Zero with the dropout rate, else the reciprocal of the rest (Srivastava et al. 2014, inverted), from our own random
 * numbers: TensorFlow.js's layer with a seed would drop the same places in every batch.
 */
function dropoutMask(length: number, random: Random): Float32Array {
  const kept = 1 / (1 - networkShape.dropout);
  const mask = new Float32Array(length);
  for (let at = 0; at < length; at++) mask[at] = random() < networkShape.dropout ? 0 : kept;
  return mask;
}

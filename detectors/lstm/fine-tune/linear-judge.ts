import { createRandom } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { predictRidge, type RidgeWeights, ridgeRounds } from '../train/ridge.ts';
import type { TrainingSource } from '../train/training-series.ts';
import { drawWindows, type WindowSet } from '../train/windows.ts';

/** The judge draws with a seed of its own, so that every model meets the same one. */
const seed = 4242;
const fewest = 10 * forecastWindow;
const mostFitted = 12_000;
const mostChosenBy = 3000;
/** Penalties by window: what moves by a rule needs nearly none, noise is best left to the mean or the last value. */
const penalties = [1e-3, 0.1, 10];

/**
 * The best linear forecast from the last 60 points: ridge autoregressions of the next point and of the change to it, by
 * several penalties, fitted on the training part; the one that is best on the validation part. With a heavy penalty the
 * first is the mean and the second the last value, so that a network is held against both. `pause` is waited for after
 * every round.
 */
export async function fitLinearJudge(source: TrainingSource, pause?: () => unknown): Promise<RidgeWeights> {
  const points = source.series.reduce((sum, { inputs }) => sum + inputs.length, 0);
  const random = createRandom(seed);
  const fitted = drawWindows([source], 'training', Math.max(fewest, Math.min(mostFitted, points)), random);
  const chosenBy = drawWindows([source], 'validation', Math.max(fewest, Math.min(mostChosenBy, points)), random);
  let best: RidgeWeights | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const windows of [fitted, ofChanges(fitted)]) {
    for (const penalty of penalties) {
      let weights: RidgeWeights | undefined;
      for (weights of ridgeRounds(windows, penalty * windows.count)) await pause?.();
      if (windows !== fitted) weights![forecastWindow - 1]! += 1;
      const error = errorOf(weights!, chosenBy);
      if (best === undefined || error < least) [best, least] = [weights!, error];
    }
  }
  return best!;
}

function ofChanges({ inputs, targets, ...windows }: WindowSet): WindowSet {
  return { ...windows, inputs, targets: targets.map((target, at) => target - inputs[at]!) };
}

function errorOf(weights: RidgeWeights, { count, inputs, targets }: WindowSet): number {
  let sum = 0;
  for (let row = 0; row < count; row++) {
    const end = (row + 1) * forecastWindow - 1;
    sum += Math.abs(predictRidge(weights, inputs, end) - targets[end]!);
  }
  return sum / count;
}

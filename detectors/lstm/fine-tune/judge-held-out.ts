import { createRandom, type HeldOutErrors } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { evaluateSeries } from '../train/evaluate-series.ts';
import { type RidgeWeights, ridgeRounds } from '../train/ridge.ts';
import { seriesIn, type TrainingSeries } from '../train/training-series.ts';
import { drawWindows } from '../train/windows.ts';

/** The judge draws with a seed of its own, so that every model meets the same baseline. */
const judgeSeed = 4242;
const ridgeWindows = 12_000;
const ridgePenalty = 10;

/**
 * Errors of a candidate on the held-out part of a history, beside the model that serves, an autoregression over 60
 * points that was fitted to the training part, and the last value. Undefined where nothing is held out. Rejects with
 * KYBERN_MODEL where a file cannot be loaded.
 */
export async function judgeHeldOut(
  series: readonly TrainingSeries[],
  candidatePath: string,
  servingPath: string,
  pause?: () => unknown,
): Promise<HeldOutErrors | undefined> {
  const judged = seriesIn(series, 'heldOut');
  if (judged.length === 0) return undefined;
  const source = { name: 'history', share: 1, series };
  const trainingPoints = series.reduce((sum, { inputs }) => sum + inputs.length, 0);
  // An autoregression of 61 numbers is fitted as well by some windows a point as by more.
  const windows = Math.min(ridgeWindows, Math.max(10 * forecastWindow, trainingPoints));
  let ridge: RidgeWeights | undefined;
  for (ridge of ridgeRounds(drawWindows([source], 'training', windows, createRandom(judgeSeed)), ridgePenalty)) {
    await pause?.();
  }
  const { points, models, lastValue, ...linear } = await evaluateSeries(
    [candidatePath, servingPath],
    judged,
    ridge!,
    pause,
  );
  return {
    points,
    series: judged.length,
    candidate: models[0]!,
    serving: models[1]!,
    ridge: linear.ridge,
    lastValue,
  };
}

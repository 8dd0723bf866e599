import { forecastWindow, loadForecastModel } from '../index.ts';
import { predictRidge, type RidgeWeights } from './ridge.ts';
import { spanOf, type TrainingSeries } from './training-series.ts';

/** Mean absolute errors over the same points, in scales of the normaliser. */
export interface SeriesErrors {
  readonly points: number;
  /** By model, in the order given. */
  readonly models: readonly number[];
  readonly ridge: number;
  readonly lastValue: number;
}

/** Points of every series between two pauses. */
const stepsPerPause = 16;

/**
 * Errors of models over the held-out part of series as a model is served: every series from its first point on, its
 * state never reset. Rejects with KYBERN_MODEL where a file cannot be loaded, and as `pause` does.
 */
export async function evaluateSeries(
  paths: readonly string[],
  series: readonly TrainingSeries[],
  ridge: RidgeWeights,
  pause?: () => unknown,
): Promise<SeriesErrors> {
  const models = await Promise.all(paths.map((path) => loadForecastModel({ path, threads: 1 })));
  try {
    for (const model of models) model.ensure(series.length);
    const slots = new Uint32Array(series.length);
    const inputs = new Float32Array(series.length);
    const predictions = models.map(() => new Float32Array(series.length));
    const sums = { points: 0, models: models.map(() => 0), ridge: 0, lastValue: 0 };
    const heldOutFrom = series.map((one) => Math.max(forecastWindow, spanOf(one, 'heldOut')[0]));
    const longest = Math.max(...series.map((one) => one.inputs.length));
    for (let at = 0; at < longest; at++) {
      let count = 0;
      for (const [slot, one] of series.entries()) {
        if (at >= one.inputs.length) continue;
        slots[count] = slot;
        inputs[count++] = one.inputs[at]!;
      }
      for (const [which, model] of models.entries()) await model.step(slots, inputs, count, predictions[which]!);
      for (let row = 0; row < count; row++) {
        const one = series[slots[row]!]!;
        if (at < heldOutFrom[slots[row]!]!) continue;
        const target = one.targets[at]!;
        sums.points++;
        for (const [which, made] of predictions.entries()) sums.models[which]! += Math.abs(made[row]! - target);
        sums.ridge += Math.abs(predictRidge(ridge, one.inputs, at) - target);
        sums.lastValue += Math.abs(one.inputs[at]! - target);
      }
      if (at % stepsPerPause === 0) await pause?.();
    }
    const { points } = sums;
    return {
      points,
      models: sums.models.map((sum) => sum / points),
      ridge: sums.ridge / points,
      lastValue: sums.lastValue / points,
    };
  } finally {
    for (const model of models) await model.close();
  }
}

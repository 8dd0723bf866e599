import { forecastWindow, loadForecastModel } from '../index.ts';
import { predictRidge, type RidgeWeights } from './ridge.ts';
import type { TrainingSource } from './training-data.ts';
import { seriesIn, spanOf, type TrainingSeries } from './training-series.ts';

/** Mean absolute errors of forecasts of the next point, in scales of the normaliser. */
export interface ForecastErrors {
  readonly source: string;
  readonly points: number;
  readonly network: number;
  readonly ridge: number;
  readonly lastValue: number;
}

/** Series of a source that are judged at most, evenly picked. */
const seriesPerSource = 40;

/**
 * Errors over the held-out part of series as the model is served: every series from its first point on, its state never
 * reset. By source; last `all`, the sources weighted by their shares.
 */
export async function evaluateServed(
  path: string,
  sources: readonly TrainingSource[],
  ridge: RidgeWeights,
): Promise<readonly ForecastErrors[]> {
  const errors: ForecastErrors[] = [];
  for (const source of sources) {
    const judged = seriesIn(source.series, 'heldOut');
    const stride = Math.max(1, judged.length / seriesPerSource);
    const picked = Array.from(
      { length: Math.min(seriesPerSource, judged.length) },
      (_, at) => judged[Math.floor(at * stride)]!,
    );
    errors.push(await evaluateSource(path, source.name, picked, ridge));
  }
  const shares = sources.reduce((sum, { share }) => sum + share, 0);
  const weighted = (figure: (error: ForecastErrors) => number): number =>
    errors.reduce((sum, error, at) => sum + figure(error) * sources[at]!.share, 0) / shares;
  return [
    ...errors,
    {
      source: 'all',
      points: errors.reduce((sum, { points }) => sum + points, 0),
      network: weighted(({ network }) => network),
      ridge: weighted(({ ridge }) => ridge),
      lastValue: weighted(({ lastValue }) => lastValue),
    },
  ];
}

async function evaluateSource(
  path: string,
  source: string,
  series: readonly TrainingSeries[],
  ridge: RidgeWeights,
): Promise<ForecastErrors> {
  const model = await loadForecastModel({ path, threads: 1 });
  model.ensure(series.length);
  const slots = new Uint32Array(series.length);
  const inputs = new Float32Array(series.length);
  const predictions = new Float32Array(series.length);
  const sums = { points: 0, network: 0, ridge: 0, lastValue: 0 };
  const heldOutFrom = series.map((one) => Math.max(forecastWindow, spanOf(one, 'heldOut')[0]));
  const longest = Math.max(...series.map((one) => one.inputs.length));
  for (let at = 0; at < longest; at++) {
    let count = 0;
    for (const [slot, one] of series.entries()) {
      if (at >= one.inputs.length) continue;
      slots[count] = slot;
      inputs[count++] = one.inputs[at]!;
    }
    await model.step(slots, inputs, count, predictions);
    for (let row = 0; row < count; row++) {
      const one = series[slots[row]!]!;
      if (at < heldOutFrom[slots[row]!]!) continue;
      const target = one.targets[at]!;
      sums.points++;
      sums.network += Math.abs(predictions[row]! - target);
      sums.ridge += Math.abs(predictRidge(ridge, one.inputs, at) - target);
      sums.lastValue += Math.abs(one.inputs[at]! - target);
    }
  }
  await model.close();
  const { points } = sums;
  return {
    source,
    points,
    network: sums.network / points,
    ridge: sums.ridge / points,
    lastValue: sums.lastValue / points,
  };
}

import { evaluateSeries } from './evaluate-series.ts';
import type { RidgeWeights } from './ridge.ts';
import { seriesIn, type TrainingSource } from './training-series.ts';

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
    const { points, models, ridge: linear, lastValue } = await evaluateSeries([path], picked, ridge);
    errors.push({ source: source.name, points, network: models[0]!, ridge: linear, lastValue });
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

import type { LabelledSeries, SeriesMethod } from './method.ts';
import { overScale } from './robust-scale.ts';
import { seasonalLevelScores } from './seasonal.ts';
import { solveSymmetric } from './solve-symmetric.ts';

export const lags = 60;
const penalty = 1;
/** Rows that a fit takes, evenly spread: more make no difference to 61 weights. */
const fitRows = 30_000;

/** A linear forecast from the last 60 points, by ridge regression on the first part of the series. */
export const ridgeArMethod: SeriesMethod = {
  name: 'ridge-ar60',
  score: (series, fitEnd) => ({ scores: ridgeScores(series, fitEnd) }),
};

/** The larger of the forecast's residual and the season's: what wins without a network. */
export const fusionMethod: SeriesMethod = {
  name: 'ar60-or-season',
  score(series, fitEnd) {
    const seasonal = seasonalLevelScores(series, fitEnd);
    return { scores: ridgeScores(series, fitEnd).map((score, at) => Math.max(score, seasonal[at]!)) };
  },
};

function ridgeScores({ values }: LabelledSeries, fitEnd: number): Float64Array {
  const standard = standardise(values, fitEnd);
  const weights = fitRidge(standard, fitEnd);
  const residuals = standard.map((value, at) => (at < lags ? Number.NaN : value - forecast(weights, standard, at)));
  return overScale(residuals, standard, fitEnd);
}

/** Values less their mean, over their standard deviation, both of the part before `fitEnd`. */
export function standardise(values: Float64Array, fitEnd: number): Float64Array {
  let mean = 0;
  for (let at = 0; at < fitEnd; at += 1) mean += values[at]! / fitEnd;
  let squares = 0;
  for (let at = 0; at < fitEnd; at += 1) squares += (values[at]! - mean) ** 2 / fitEnd;
  const scale = Math.sqrt(squares) || 1;
  return values.map((value) => (value - mean) / scale);
}

function fitRidge(values: Float64Array, fitEnd: number): Float64Array {
  const size = lags + 1;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  const step = Math.max(1, Math.floor((fitEnd - lags) / fitRows));
  const row = new Float64Array(size).fill(1);
  for (let at = lags; at < fitEnd; at += step) {
    for (let lag = 0; lag < lags; lag += 1) row[lag] = values[at - lags + lag]!;
    for (let i = 0; i < size; i += 1) {
      const left = row[i]!;
      right[i] = right[i]! + left * values[at]!;
      for (let j = 0; j <= i; j += 1) gram[i * size + j] = gram[i * size + j]! + left * row[j]!;
    }
  }
  for (let i = 0; i < size; i += 1) gram[i * size + i] = gram[i * size + i]! + penalty;
  return solveSymmetric(gram, right);
}

function forecast(weights: Float64Array, values: Float64Array, at: number): number {
  let sum = weights[lags]!;
  for (let lag = 0; lag < lags; lag += 1) sum += weights[lag]! * values[at - lags + lag]!;
  return sum;
}

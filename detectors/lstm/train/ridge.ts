import { forecastWindow } from '../index.ts';
import type { WindowSet } from './windows.ts';

/** A linear forecast from the last 60 points: weights by lag, then the constant. */
export type RidgeWeights = Float64Array;

/** Where Huber's loss turns from squares to absolute values: the network's own, for an equal contest. */
const huberDelta = 0.25;
const reweightings = 8;

/**
 * Autoregression over the window by ridge regression (Hoerl and Kennard 1970) under Huber's loss (iteratively reweighted
 * least squares, Holland and Welsch 1977), one for all series as the network is: what a detector without any network
 * would use, and so the baseline to hold the network against.
 */
export function fitRidge(windows: WindowSet, penalty: number): RidgeWeights {
  let weights: RidgeWeights | undefined;
  for (weights of ridgeRounds(windows, penalty));
  return weights!;
}

/** The same round by round, for those who pause in between: the last are the weights. */
export function* ridgeRounds(windows: WindowSet, penalty: number): Iterable<RidgeWeights> {
  let weights: RidgeWeights | undefined;
  for (let round = 0; round <= reweightings; round++) {
    weights = fitWeighted(windows, penalty, weights);
    yield weights;
  }
}

/** One least-squares fit; with the weights of the fit before, rows count less the further that one missed them. */
function fitWeighted(windows: WindowSet, penalty: number, before: RidgeWeights | undefined): RidgeWeights {
  const size = forecastWindow + 1;
  const gram = new Float64Array(size * size);
  const right = new Float64Array(size);
  const row = new Float64Array(size);
  for (let index = 0; index < windows.count; index++) {
    const end = (index + 1) * forecastWindow - 1;
    const target = windows.targets[end]!;
    const miss = before === undefined ? 0 : Math.abs(predictRidge(before, windows.inputs, end) - target);
    const importance = miss <= huberDelta ? 1 : huberDelta / miss;
    row.set(windows.inputs.subarray(index * forecastWindow, end + 1));
    row[forecastWindow] = 1;
    for (let i = 0; i < size; i++) {
      const weighted = importance * row[i]!;
      right[i] = right[i]! + weighted * target;
      for (let j = 0; j <= i; j++) gram[i * size + j] = gram[i * size + j]! + weighted * row[j]!;
    }
  }
  for (let i = 0; i < size; i++) gram[i * size + i] = gram[i * size + i]! + penalty;
  return solveCholesky(gram, right);
}

/** The forecast of the point after `inputs[at]`, from it and the 59 before. */
export function predictRidge(weights: RidgeWeights, inputs: Float32Array, at: number): number {
  let sum = weights[forecastWindow]!;
  const first = at - forecastWindow + 1;
  for (let lag = 0; lag < forecastWindow; lag++) sum += weights[lag]! * inputs[first + lag]!;
  return sum;
}

/** Solves A x = b for symmetric positive definite A, given by its lower triangle, which is overwritten. */
function solveCholesky(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= matrix[i * size + k]! * matrix[j * size + k]!;
      matrix[i * size + j] = i === j ? Math.sqrt(sum) : sum / matrix[j * size + j]!;
    }
  }
  const solution = right.slice();
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) solution[i] = solution[i]! - matrix[i * size + k]! * solution[k]!;
    solution[i] = solution[i]! / matrix[i * size + i]!;
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) solution[i] = solution[i]! - matrix[k * size + i]! * solution[k]!;
    solution[i] = solution[i]! / matrix[i * size + i]!;
  }
  return solution;
}

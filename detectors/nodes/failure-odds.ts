/** A logistic model: log-odds are the bias and the weighted sum of features. */
export interface Weights {
  readonly bias: number;
  readonly weights: readonly number[];
}

export function logOdds({ bias, weights }: Weights, features: Float64Array): number {
  let sum = bias;
  for (let at = 0; at < weights.length; at += 1) sum += weights[at]! * features[at]!;
  return sum;
}

export function probabilityOf(odds: number): number {
  return 1 / (1 + Math.exp(-odds));
}

/**
 * Of `exhaustionFeatures`, in their order. Fitted by `bench/nodes/fit-odds.ts` on simulated nodes of seeds that are not
 * judged; every sign is what the feature means.
 */
export const exhaustionWeights: Weights = {
  bias: -7.4,
  weights: [0.88, 0.05, 0.1, 1.0, 1.5, 0.5, 0.1, 0.67, 0.05, 0.83],
};

/** Of `healthFeatures`, in their order; fitted likewise. */
export const healthWeights: Weights = { bias: -3.69, weights: [0.8, 0.5, 0.8, 0.8, 0.9, 0.3, 0.8, 0.1, 1.17] };

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
export const exhaustionWeights: Weights = { bias: -10.61, weights: [0.84, 0.11, 3.9, 0.64, 1.87] };

/** Of `healthFeatures`, in their order; fitted likewise. */
export const healthWeights: Weights = { bias: -3.62, weights: [1.07, 0.81, 1.07, 1.05, 1.88, 0.15, 2.5, 1.12] };

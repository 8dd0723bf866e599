/**
 * Softmax over log-odds with one more class, "none of these", at `unknownLogit`: what is left over is the honest rest.
 * Returns one probability a candidate, in their order; they sum to less than 1.
 */
export function probabilitiesOf(logOdds: readonly number[], unknownLogit: number): readonly number[] {
  const top = Math.max(unknownLogit, ...logOdds);
  const weights = logOdds.map((value) => Math.exp(value - top));
  const total = weights.reduce((sum, weight) => sum + weight, Math.exp(unknownLogit - top));
  return weights.map((weight) => Math.round((weight / total) * 1000) / 1000);
}

/** P(X >= hits) for X binomial with `trials` and probability `chance`; summed from `hits` up, terms by their ratio. */
export function binomialTail(hits: number, trials: number, chance: number): number {
  if (hits <= 0) return 1;
  if (chance >= 1) return 1;
  if (hits > trials || chance <= 0) return 0;
  let logTerm = hits * Math.log(chance) + (trials - hits) * Math.log1p(-chance);
  for (let at = 1; at <= hits; at += 1) logTerm += Math.log((trials - hits + at) / at);
  let term = Math.exp(logTerm);
  let sum = term;
  for (let at = hits; at < trials; at += 1) {
    term *= ((trials - at) / (at + 1)) * (chance / (1 - chance));
    sum += term;
    if (term < sum * 1e-12 && at > trials * chance) break;
  }
  return Math.min(1, sum);
}

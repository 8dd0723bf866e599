const longestSeries = 20_000;
const lags = 400;
const firstLag = 3;
const longestPeriod = 300;
const withoutPeriod = 125;

/**
 * Length of a series' strongest rhythm, in points: the lag of the highest local maximum of its autocorrelation beyond
 * two lags (TSB-AD's `find_length_rank`; 125 where there is none). It sets how far VUS lets labels fade.
 */
export function seriesPeriod(values: Float64Array): number {
  const length = Math.min(values.length, longestSeries);
  let mean = 0;
  for (let at = 0; at < length; at += 1) mean += values[at]! / length;
  const correlations = new Float64Array(Math.min(lags, length - 1) + 1);
  for (let lag = 0; lag < correlations.length; lag += 1) {
    let sum = 0;
    for (let at = lag; at < length; at += 1) sum += (values[at]! - mean) * (values[at - lag]! - mean);
    correlations[lag] = sum;
  }
  let best = -1;
  for (let lag = firstLag + 1; lag < correlations.length - 1; lag += 1) {
    const here = correlations[lag]!;
    if (here <= correlations[lag - 1]! || here <= correlations[lag + 1]!) continue;
    if (best < 0 || here > correlations[best]!) best = lag;
  }
  const offset = best - firstLag;
  return best < 0 || offset < 3 || offset > longestPeriod ? withoutPeriod : best;
}

/** The buffer of VUS for a series: its period within 5 to 100 points. */
export function bufferLength(values: Float64Array): number {
  return Math.max(5, Math.min(100, seriesPeriod(values)));
}

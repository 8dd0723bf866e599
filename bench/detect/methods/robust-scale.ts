/** Median absolute deviation to standard deviation, for normal noise. */
const madToSigma = 1.4826;
/** No scale falls below this share of the values' own spread: less is standing still. */
const floorShare = 0.02;

/** The middle of the finite values; NaN without any. */
export function medianOf(values: Float64Array): number {
  const sorted = values.filter(Number.isFinite).sort();
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Residuals in robust standard deviations of those before `fitEnd`: |e| / MAD, with a floor from the values' spread. */
export function overScale(residuals: Float64Array, values: Float64Array, fitEnd: number): Float64Array {
  const known = residuals.subarray(0, fitEnd);
  const middle = medianOf(known);
  const scale = madToSigma * medianOf(known.map((residual) => Math.abs(residual - middle)));
  const floor = Math.max(floorShare * spreadOf(values.subarray(0, fitEnd)), 1e-12);
  const divisor = Math.max(Number.isNaN(scale) ? 0 : scale, floor);
  return residuals.map((residual) => (Number.isFinite(residual) ? Math.abs(residual) / divisor : 0));
}

function spreadOf(values: Float64Array): number {
  let mean = 0;
  for (const value of values) mean += value / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2 / values.length;
  return Math.sqrt(squares);
}

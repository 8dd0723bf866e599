/** A straight line through points, and how far it can be trusted. */
export interface RobustTrend {
  /** Per unit of x: the median of all pairs' slopes (Theil 1950, Sen 1968), and its 80 % interval by Kendall's variance. */
  slope: number;
  slopeLow: number;
  slopeHigh: number;
  /** Robust scatter around the line, in units of y. */
  noise: number;
  /** From the first third to the second and from there to the last, by medians: how it bends. */
  early: number;
  late: number;
  /** From the first point to the last, in units of x. */
  span: number;
}

const mostPoints = 64;
/** Of the normal distribution: an interval of 80 %. */
const intervalZ = 1.2816;

/**
 * Fits lines without allocating: the result is overwritten by the next fit. Up to 29 % of the points may be wild before
 * the slope is.
 */
export function createTrendFit(): (xs: Float64Array, ys: Float64Array, count: number) => RobustTrend {
  const slopes = new Float64Array((mostPoints * (mostPoints - 1)) / 2);
  const scratch = new Float64Array(mostPoints);
  const trend: RobustTrend = {
    slope: 0,
    slopeLow: 0,
    slopeHigh: 0,
    noise: 0,
    early: 0,
    late: 0,
    span: 0,
  };

  function medianOf(count: number): number {
    const sorted = scratch.subarray(0, count).sort();
    const half = count >> 1;
    return count % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  }

  function medianBetween(ys: Float64Array, from: number, to: number): number {
    for (let at = from; at < to; at += 1) scratch[at - from] = ys[at]!;
    return medianOf(to - from);
  }

  return (xs, ys, count) => {
    let pairs = 0;
    for (let late = 1; late < count; late += 1) {
      for (let early = 0; early < late; early += 1) {
        slopes[pairs] = (ys[late]! - ys[early]!) / (xs[late]! - xs[early]!);
        pairs += 1;
      }
    }
    const sorted = slopes.subarray(0, pairs).sort();
    const half = pairs >> 1;
    trend.slope = pairs % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
    const reach = (intervalZ / 2) * Math.sqrt((count * (count - 1) * (2 * count + 5)) / 18);
    trend.slopeLow = sorted[Math.max(0, Math.floor((pairs - 1) / 2 - reach))]!;
    trend.slopeHigh = sorted[Math.min(pairs - 1, Math.ceil((pairs - 1) / 2 + reach))]!;
    for (let at = 0; at < count; at += 1) scratch[at] = ys[at]! - trend.slope * xs[at]!;
    const intercept = medianOf(count);
    for (let at = 0; at < count; at += 1) scratch[at] = Math.abs(ys[at]! - trend.slope * xs[at]! - intercept);
    trend.noise = 1.4826 * medianOf(count);
    const third = Math.floor(count / 3);
    const middle = medianBetween(ys, third, count - third);
    trend.early = middle - medianBetween(ys, 0, third);
    trend.late = medianBetween(ys, count - third, count) - middle;
    trend.span = xs[count - 1]! - xs[0]!;
    return trend;
  };
}

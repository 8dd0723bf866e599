/** A straight line through points, by medians: a third of the points may be wild without moving it. */
export interface Line {
  /** Value at `atMs`. */
  readonly value: number;
  readonly perSecond: number;
  readonly atMs: number;
  /** Median absolute residual, scaled to a standard deviation. */
  readonly spread: number;
}

/**
 * Theil–Sen estimator (Sen 1968): the median of the slopes of all pairs, and the median of what is left as level. O(n²):
 * for short histories, thinned to 60 points. Undefined for fewer than three points.
 */
export function theilSen(timesMs: readonly number[], values: readonly number[]): Line | undefined {
  const stride = Math.ceil(timesMs.length / 60);
  const rows: number[] = [];
  for (let row = timesMs.length - 1; row >= 0; row -= stride) rows.push(row);
  if (rows.length < 3) return undefined;
  const atMs = timesMs[timesMs.length - 1];
  const slopes: number[] = [];
  for (let i = 0; i < rows.length; i++) {
    for (let j = i + 1; j < rows.length; j++) {
      const seconds = (timesMs[rows[i]] - timesMs[rows[j]]) / 1000;
      if (seconds > 0) slopes.push((values[rows[i]] - values[rows[j]]) / seconds);
    }
  }
  if (slopes.length === 0) return undefined;
  const perSecond = median(slopes);
  const value = median(rows.map((row) => values[row] + (perSecond * (atMs - timesMs[row])) / 1000));
  const residuals = rows.map((row) => Math.abs(values[row] - value - (perSecond * (timesMs[row] - atMs)) / 1000));
  return { value, perSecond, atMs, spread: 1.4826 * median(residuals) };
}

/** Of an empty list NaN. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan). Of an empty list NaN. */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const scratch = Float64Array.from(values);
  const position = (scratch.length - 1) * share;
  const low = Math.floor(position);
  const lower = select(scratch, low);
  if (position === low) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let row = low + 1; row < scratch.length; row++) if (scratch[row] < upper) upper = scratch[row];
  return lower + (upper - lower) * (position - low);
}

/** Hoare's quickselect: the k-th smallest, smaller ones before it and larger ones behind. Reorders the array. */
function select(values: Float64Array, k: number): number {
  let left = 0;
  let right = values.length - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1];
    let low = left;
    let high = right;
    while (low <= high) {
      while (values[low] < pivot) low++;
      while (values[high] > pivot) high--;
      if (low <= high) {
        const swapped = values[low];
        values[low] = values[high];
        values[high] = swapped;
        low++;
        high--;
      }
    }
    if (k <= high) right = high;
    else if (k >= low) left = low;
    else break;
  }
  return values[k];
}

/** A straight line through points, by medians: a third of the points may be wild without moving it. */
export interface Line {
  /** Value at `atMs`. */
  readonly value: number;
  readonly perSecond: number;
  readonly atMs: number;
  /** Median absolute residual, scaled to a standard deviation. */
  readonly spread: number;
}

const mostPoints = 60;
// Lines are fitted by the hundred at every evaluation: their work space is kept.
const rows = new Uint32Array(mostPoints);
const work = new Float64Array((mostPoints * (mostPoints - 1)) / 2);

/**
 * Theil–Sen estimator (Sen 1968) over the points `first` to `last`, both included: the median of the slopes of all pairs,
 * and the median of what is left as level. O(n²): for short histories, thinned to 60 points. Undefined for fewer than
 * three points.
 */
export function theilSen(
  timesMs: readonly number[],
  values: readonly number[],
  first = 0,
  last = timesMs.length - 1,
): Line | undefined {
  const stride = Math.max(1, Math.ceil((last - first + 1) / mostPoints));
  let count = 0;
  for (let row = last; row >= first; row -= stride) rows[count++] = row;
  if (count < 3) return undefined;
  const atMs = timesMs[last];
  let slopes = 0;
  for (let i = 0; i < count; i++) {
    for (let j = i + 1; j < count; j++) {
      const seconds = (timesMs[rows[i]] - timesMs[rows[j]]) / 1000;
      if (seconds > 0) work[slopes++] = (values[rows[i]] - values[rows[j]]) / seconds;
    }
  }
  if (slopes === 0) return undefined;
  const perSecond = quantileInPlace(work, slopes, 0.5);
  for (let i = 0; i < count; i++) work[i] = values[rows[i]] + (perSecond * (atMs - timesMs[rows[i]])) / 1000;
  const value = quantileInPlace(work, count, 0.5);
  for (let i = 0; i < count; i++) {
    work[i] = Math.abs(values[rows[i]] - value - (perSecond * (timesMs[rows[i]] - atMs)) / 1000);
  }
  return { value, perSecond, atMs, spread: 1.4826 * quantileInPlace(work, count, 0.5) };
}

/** Of an empty list NaN. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Linear interpolation between order statistics (type 7 of Hyndman and Fan). Of an empty list NaN. */
export function quantile(values: readonly number[], share: number): number {
  return quantileInPlace(Float64Array.from(values), values.length, share);
}

function quantileInPlace(values: Float64Array, count: number, share: number): number {
  if (count === 0) return Number.NaN;
  const position = (count - 1) * share;
  const low = Math.floor(position);
  const lower = select(values, count, low);
  if (position === low) return lower;
  let upper = Number.POSITIVE_INFINITY;
  for (let row = low + 1; row < count; row++) if (values[row] < upper) upper = values[row];
  return lower + (upper - lower) * (position - low);
}

/** Hoare's quickselect: the k-th smallest of the first `count`, smaller ones before it, larger ones behind. Reorders. */
function select(values: Float64Array, count: number, k: number): number {
  let left = 0;
  let right = count - 1;
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

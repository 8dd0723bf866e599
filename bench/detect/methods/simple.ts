import { contentHash, createRandom } from '../../../model/index.ts';
import type { SeriesMethod } from './method.ts';
import { overScale } from './robust-scale.ts';

/** Points that the running median looks back. */
const windowPoints = 60;

/** Says nothing: what a metric gives for nothing. Seeded by the series' name. */
export const randomMethod: SeriesMethod = {
  name: 'random',
  score({ name, values }) {
    const random = createRandom(Number.parseInt(contentHash(name).slice(0, 7), 16));
    return { scores: values.map(() => random()) };
  },
};

/** The size of the last step. */
export const differenceMethod: SeriesMethod = {
  name: 'difference',
  score({ values }, fitEnd) {
    const steps = values.map((value, at) => (at === 0 ? 0 : value - values[at - 1]!));
    return { scores: overScale(steps, values, fitEnd) };
  },
};

/** Distance from the median of the last 60 points. */
export const rollingMedianMethod: SeriesMethod = {
  name: 'rolling-median',
  score: ({ values }, fitEnd) => ({ scores: overScale(fromRollingMedian(values, windowPoints), values, fitEnd) }),
};

/** Each value less the median of the `window` before it; NaN where none is before it. Values that are NaN are passed over. */
export function fromRollingMedian(values: Float64Array, window: number): Float64Array {
  const recent: number[] = [];
  const sorted: number[] = [];
  return values.map((value) => {
    const middle = sorted.length >> 1;
    const median =
      sorted.length % 2 === 1 ? sorted[middle]! : ((sorted[middle - 1] ?? Number.NaN) + sorted[middle]!) / 2;
    if (Number.isFinite(value)) {
      recent.push(value);
      sorted.splice(placeOf(sorted, value), 0, value);
      if (recent.length > window) sorted.splice(placeOf(sorted, recent.shift()!), 1);
    }
    return value - median;
  });
}

/** Where a value is, or is to go, in an ascending list. */
function placeOf(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

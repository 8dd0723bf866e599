import { type Buckets, hasCustomBuckets, type NativeHistogram } from './native-histogram.ts';

/**
 * Whether the histogram is consistent, by the rules of Prometheus (model/histogram, Validate): spans that don't overlap
 * and add up to the buckets, no negative count, a count that is the sum of all buckets (of float histograms that is not
 * asked: they round; where the sum is no number, at least as much), custom bounds that ascend.
 */
export function isConsistent(histogram: NativeHistogram): boolean {
  const { positive, negative, count, zeroCount, isFloat } = histogram;
  if (histogram.tooMany || !(count >= 0) || !(zeroCount >= 0) || !Number.isFinite(count)) return false;
  if (!isSideConsistent(positive) || !isSideConsistent(negative)) return false;
  if (hasCustomBuckets(histogram)) {
    if (negative.size > 0 || zeroCount !== 0 || histogram.zeroThreshold !== 0) return false;
    if (!areBoundsConsistent(histogram)) return false;
  } else if (histogram.boundCount > 0 || histogram.schema < -9 || histogram.schema > 52) return false;
  const total = sumOf(positive) + sumOf(negative) + zeroCount;
  if (isFloat) return Number.isFinite(total);
  return histogram.sumIs === 'nan' ? total <= count : total === count;
}

function isSideConsistent(side: Buckets): boolean {
  let length = 0;
  for (let span = 0; span < side.spans; span++) {
    if (span > 0 && side.spanOffsets[span] < 0) return false;
    length += side.spanLengths[span];
  }
  if (length !== side.size) return false;
  for (let bucket = 0; bucket < side.size; bucket++) if (!(side.counts[bucket] >= 0)) return false;
  return true;
}

function areBoundsConsistent({ bounds, boundCount, positive }: NativeHistogram): boolean {
  for (let bound = 0; bound < boundCount; bound++) {
    if (!Number.isFinite(bounds[bound]) || (bound > 0 && bounds[bound] <= bounds[bound - 1])) return false;
  }
  let end = 0;
  for (let span = 0; span < positive.spans; span++) {
    end += positive.spanOffsets[span];
    if (end < 0) return false;
    end += positive.spanLengths[span];
  }
  return end <= boundCount + 1;
}

function sumOf(side: Buckets): number {
  let total = 0;
  for (let bucket = 0; bucket < side.size; bucket++) total += side.counts[bucket];
  return total;
}

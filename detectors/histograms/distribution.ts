/**
 * The growth of each bucket between two readings of a cumulative histogram, cumulative over the bounds as the readings
 * are. `bounds` ascend and end with +Infinity; NaN is a bucket that was not read. If any bucket shrank the histogram began
 * anew, and all of `now` is growth. A bucket read for the first time had grown, before, to what its lower neighbour had:
 * buckets without observations need not be sent. One that is not read now is left where it was. Undefined where nothing
 * was read before.
 */
export function growthOf(before: Float64Array, now: Float64Array, into: Float64Array): Float64Array | undefined {
  let isFirst = true;
  let isReset = false;
  for (let at = 0; at < now.length; at += 1) {
    if (Number.isNaN(before[at]!)) continue;
    isFirst = false;
    if (now[at]! < before[at]!) isReset = true;
  }
  if (isFirst) return undefined;
  let lower = 0;
  let grown = 0;
  for (let at = 0; at < now.length; at += 1) {
    if (!Number.isNaN(before[at]!)) lower = before[at]!;
    // Buckets of one reading that were lost on the way must not make a distribution that falls.
    if (!Number.isNaN(now[at]!)) grown = Math.max(grown, now[at]! - (isReset ? 0 : lower));
    into[at] = grown;
  }
  return into;
}

/**
 * A quantile of cumulative bucket counts, linear within a bucket, as Prometheus' `histogram_quantile` has it: the first
 * bucket begins at 0 where its bound is above that; what lies in the last one, without an upper bound, is told as the
 * highest bound. NaN without observations or without any bound.
 */
export function quantileOfBuckets(bounds: Float64Array, cumulative: Float64Array, share: number): number {
  const last = bounds.length - 1;
  const total = cumulative[last]!;
  if (!(total > 0) || last < 1) return Number.NaN;
  const rank = share * total;
  let at = 0;
  while (at < last && cumulative[at]! < rank) at += 1;
  if (at === last) return bounds[last - 1]!;
  const upper = bounds[at]!;
  if (at === 0 && upper <= 0) return upper;
  const from = at === 0 ? 0 : bounds[at - 1]!;
  const below = at === 0 ? 0 : cumulative[at - 1]!;
  const within = cumulative[at]! - below;
  return within > 0 ? from + (upper - from) * ((rank - below) / within) : upper;
}

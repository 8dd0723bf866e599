/** Weights by bucket index, sparse; plain data. `referenceMs`: time at which a sample weighs 1. */
export interface DecayingHistogram {
  readonly firstBucket: number;
  referenceMs: number;
  total: number;
  readonly weights: Record<string, number>;
}

const growth = 1.05;
const halfLifeMs = 24 * 3_600_000;

/** Exponential buckets growing by 5 %, weights halving in a day: VPA's util/decaying_histogram.go. */
export function createHistogram(firstBucket: number): DecayingHistogram {
  return { firstBucket, referenceMs: 0, total: 0, weights: {} };
}

export function addToHistogram(histogram: DecayingHistogram, atMs: number, value: number, weight: number): void {
  if (histogram.referenceMs === 0) histogram.referenceMs = atMs;
  // Weights grow with time instead of old ones shrinking; renormalised before they get out of hand.
  if (atMs - histogram.referenceMs > 40 * halfLifeMs) shiftReference(histogram, atMs);
  const decayed = weight * 2 ** ((atMs - histogram.referenceMs) / halfLifeMs);
  const bucket = bucketOf(histogram, value);
  histogram.weights[bucket] = (histogram.weights[bucket] ?? 0) + decayed;
  histogram.total += decayed;
}

/** The upper end of the bucket that holds this share of the weight; 0 where there is none. */
export function histogramPercentile(histogram: DecayingHistogram, share: number): number {
  if (histogram.total <= 0) return 0;
  let sum = 0;
  const buckets = Object.keys(histogram.weights)
    .map(Number)
    .sort((a, b) => a - b);
  for (const bucket of buckets) {
    sum += histogram.weights[bucket];
    if (sum >= share * histogram.total - 1e-12) return bucketStart(histogram, bucket + 1);
  }
  return bucketStart(histogram, buckets[buckets.length - 1] + 1);
}

function bucketOf({ firstBucket }: DecayingHistogram, value: number): number {
  if (value < firstBucket) return 0;
  return Math.floor(Math.log((value * (growth - 1)) / firstBucket + 1) / Math.log(growth));
}

function bucketStart({ firstBucket }: DecayingHistogram, bucket: number): number {
  return (firstBucket * (growth ** bucket - 1)) / (growth - 1);
}

function shiftReference(histogram: DecayingHistogram, atMs: number): void {
  const factor = 2 ** ((histogram.referenceMs - atMs) / halfLifeMs);
  for (const bucket of Object.keys(histogram.weights)) histogram.weights[bucket] *= factor;
  histogram.total *= factor;
  histogram.referenceMs = atMs;
}

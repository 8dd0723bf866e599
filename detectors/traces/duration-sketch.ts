/** Relative error of every quantile told. */
export const sketchError = 0.01;

const gamma = (1 + sketchError) / (1 - sketchError);
const perLog = 1 / Math.log(gamma);
/** Below a microsecond is zero, above 11 days is that; in ms. */
const smallest = 1e-3;
const largest = 1e9;
const first = Math.ceil(Math.log(smallest) * perLog);
/** Buckets there can be: so a sketch never takes more than 5.6 KB. */
export const sketchBuckets = Math.ceil(Math.log(largest) * perLog) - first + 1;
const leastRoom = 64;

/**
 * Durations as counts in buckets whose bounds grow by 2 %: quantiles with a relative error of at most {@link sketchError},
 * in bounded memory, and the sketch of two sets is the sum of their sketches. DDSketch (Masson, Rim, Lee: "DDSketch: a fast
 * and fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019), with a dense store that holds the
 * buckets between the smallest and the largest one met. Smallest and largest value are exact.
 */
export interface DurationSketch {
  readonly count: number;
  /** Takes a duration in ms; what is not above zero counts as zero. */
  add(ms: number): void;
  /** Takes in all that another sketch holds. */
  merge(other: Pick<DurationSketch, 'each' | 'smallestMs' | 'largestMs'>): void;
  /** Value of rank ceil(share * count); NaN where it is empty. */
  quantile(share: number): number;
  /** Empties it and keeps its room. */
  clear(): void;
  /** Calls back with each bucket that holds something. */
  each(take: (bucket: number, count: number) => void): void;
  readonly smallestMs: number;
  readonly largestMs: number;
}

export function createDurationSketch(): DurationSketch {
  let counts = new Uint32Array(leastRoom);
  /** Bucket that counts[0] stands for; meaningful once something is held. */
  let offset = 0;
  let count = 0;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;

  /** Makes room for a bucket and gives its place. */
  function place(bucket: number): number {
    if (count === 0) {
      offset = Math.max(0, Math.min(sketchBuckets - counts.length, bucket - (counts.length >> 1)));
      return bucket - offset;
    }
    const at = bucket - offset;
    if (at >= 0 && at < counts.length) return at;
    const from = Math.min(offset, bucket);
    const needed = Math.max(offset + counts.length, bucket + 1) - from;
    const grown = new Uint32Array(Math.min(sketchBuckets, needed + (needed >> 1)));
    // Spare room goes to the side that grew.
    const to = bucket < offset ? Math.max(0, offset + counts.length - grown.length) : from;
    const start = Math.min(to, sketchBuckets - grown.length);
    grown.set(counts, offset - start);
    counts = grown;
    offset = start;
    return bucket - offset;
  }

  return {
    get count() {
      return count;
    },
    get smallestMs() {
      return low;
    },
    get largestMs() {
      return high;
    },
    add: (ms) => {
      const at = place(bucketOf(ms));
      counts[at] = counts[at]! + 1;
      count += 1;
      if (ms < low) low = ms;
      if (ms > high) high = ms;
    },
    merge: (other) => {
      other.each((bucket, more) => {
        const at = place(bucket);
        counts[at] = counts[at]! + more;
        count += more;
      });
      if (other.smallestMs < low) low = other.smallestMs;
      if (other.largestMs > high) high = other.largestMs;
    },
    quantile: (share) => {
      if (count === 0) return Number.NaN;
      let left = Math.max(1, Math.ceil(share * count));
      let at = 0;
      for (; at < counts.length; at += 1) {
        left -= counts[at]!;
        if (left <= 0) break;
      }
      return Math.max(low, Math.min(high, msOf(at + offset)));
    },
    clear: () => {
      if (count > 0) counts.fill(0);
      count = 0;
      low = Number.POSITIVE_INFINITY;
      high = Number.NEGATIVE_INFINITY;
    },
    each: (take) => {
      for (let at = 0; at < counts.length; at += 1) if (counts[at]! > 0) take(at + offset, counts[at]!);
    },
  };
}

function bucketOf(ms: number): number {
  if (!(ms > smallest)) return 0;
  return Math.ceil(Math.log(Math.min(ms, largest)) * perLog) - first;
}

/** The value within {@link sketchError} of all of a bucket's. */
function msOf(bucket: number): number {
  return bucket === 0 ? 0 : (2 * gamma ** (bucket + first)) / (gamma + 1);
}

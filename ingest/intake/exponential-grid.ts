/**
 * The buckets of one exponential histogram on a coarser grid, as a classic histogram has them: cumulative counts at
 * ascending bounds. The grid has at most two buckets to a doubling, and so few that they are within a limit; its bounds are
 * bounds of the histogram too, so the counts at them are exact. It reaches from the lower bound of the lowest bucket with
 * observations to the upper bound of the highest. Filled anew for each point, nothing allocated.
 */
export interface ExponentialGrid {
  /** Bounds; the counts at them do not decrease. What is above all of them has no row. */
  readonly bounds: Float64Array;
  readonly cumulative: Float64Array;
  size: number;
  /** Starts a histogram whose buckets grow by 2^(2^-scale); `below`: how many of its observations are not positive. */
  begin(scale: number, below: number): void;
  /** A bucket: `count` observations up to 2^(exponent * 2^-scale), and above the bucket before. Ascending exponents. */
  take(exponent: number, count: number): void;
  /** Sets the grid, where its observations are `total`; else, or without any positive one, the grid is empty. */
  finish(total: number): void;
}

const finestScale = 1;
/** No sender has coarser buckets. */
const coarsestScale = -11;

export function createExponentialGrid(mostBuckets: number, mostSeries: number): ExponentialGrid {
  const exponents = new Float64Array(mostBuckets);
  const counts = new Float64Array(mostBuckets);
  // The series for all observations is one of them.
  const room = Math.max(0, mostSeries - 1);
  const bounds = new Float64Array(room);
  const cumulative = new Float64Array(room);
  let taken = 0;
  let scale = 0;
  let below = 0;

  const onGrid = (exponent: number, gridScale: number): number => Math.ceil(exponent / 2 ** (scale - gridScale));

  /** The finest scale at which everything has room, or undefined. */
  function fittingScale(): number | undefined {
    for (let grid = Math.min(scale, finestScale); grid >= coarsestScale; grid -= 1) {
      if (onGrid(exponents[taken - 1], grid) - onGrid(exponents[0], grid) + 2 <= room) return grid;
    }
    return undefined;
  }

  const grid: ExponentialGrid = {
    bounds,
    cumulative,
    size: 0,
    begin: (itsScale, notPositive) => {
      scale = itsScale;
      below = notPositive;
      taken = 0;
      grid.size = 0;
    },
    take: (exponent, count) => {
      if (!(count > 0) || taken === mostBuckets) return;
      exponents[taken] = exponent;
      counts[taken++] = count;
    },
    finish: (total) => {
      grid.size = 0;
      let sum = below;
      for (let bucket = 0; bucket < taken; bucket++) sum += counts[bucket];
      // Counts of floats round.
      const isWhole = Math.abs(sum - total) <= 1e-9 * Math.abs(total);
      const gridScale = taken > 0 && isWhole ? fittingScale() : undefined;
      if (gridScale === undefined) return;
      const last = onGrid(exponents[taken - 1], gridScale);
      let so = below;
      let bucket = 0;
      for (let at = onGrid(exponents[0], gridScale) - 1; at <= last; at++) {
        while (bucket < taken && onGrid(exponents[bucket], gridScale) <= at) so += counts[bucket++];
        const bound = 2 ** (at * 2 ** -gridScale);
        if (!(bound > 0) || !Number.isFinite(bound)) continue;
        bounds[grid.size] = bound;
        cumulative[grid.size++] = so;
      }
    },
  };
  return grid;
}

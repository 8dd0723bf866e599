import type { SeasonalLookup } from './forecast-load.ts';

/** Mean load in each part of the season, over the seasons seen. Plain data. */
export interface Season {
  readonly sums: number[];
  readonly counts: number[];
  firstMs: number;
  lastMs: number;
}

const buckets = 288;

export function createSeason(): Season {
  return { sums: new Array(buckets).fill(0), counts: new Array(buckets).fill(0), firstMs: 0, lastMs: 0 };
}

export function addToSeason(season: Season, seasonMs: number, timeMs: number, value: number): void {
  if (season.firstMs === 0) season.firstMs = timeMs;
  season.lastMs = timeMs;
  const bucket = bucketOf(timeMs, seasonMs);
  // Old seasons fade: at most about two seasons' weight of points.
  const most = (2 * seasonMs) / buckets / 5000;
  if (season.counts[bucket] >= most) {
    season.sums[bucket] *= (most - 1) / most;
    season.counts[bucket] = most - 1;
  }
  season.sums[bucket] += value;
  season.counts[bucket] += 1;
}

/** A lookup once two whole seasons were seen. */
export function seasonalLookup(season: Season, seasonMs: number): SeasonalLookup | undefined {
  if (season.lastMs - season.firstMs < 2 * seasonMs) return undefined;
  return (timeMs) => {
    const bucket = bucketOf(timeMs, seasonMs);
    return season.counts[bucket] === 0 ? undefined : season.sums[bucket] / season.counts[bucket];
  };
}

function bucketOf(timeMs: number, seasonMs: number): number {
  return Math.floor(((timeMs % seasonMs) / seasonMs) * buckets);
}

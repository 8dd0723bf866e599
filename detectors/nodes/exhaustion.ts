import type { Weights } from './failure-odds.ts';
import { logOdds } from './failure-odds.ts';
import { createTrendFit, type RobustTrend } from './robust-trend.ts';
import { levelPoints, levels, type TrendPyramid } from './trend-pyramid.ts';

/** What is known of a resource beside its recent past. All shares are of its capacity, taken ones. */
export interface ResourceStanding {
  readonly nowMs: number;
  readonly used: number;
  /** The same in the terms of the two below. */
  readonly steady: number;
  /** Highest share from which it came down by itself in the last days; NaN where it never did. */
  readonly recoveredFrom: number;
  /** Lowest share in the same time. */
  readonly lowest: number;
  /** Since when it is followed. */
  readonly sinceMs: number;
}

/** When a resource will be used up, if it goes on as it does. One object, overwritten by each look. */
export interface Exhaustion {
  /** Log-odds that it happens within the horizon. */
  logOdds: number;
  expectedMs: number;
  earliestMs: number;
  latestMs: number;
  /** Length of the stretch that shows the trend, and the growth in it as a share of the capacity. */
  overMs: number;
  growth: number;
  /** As {@link exhaustionFeatures} names them. */
  readonly features: Float64Array;
}

export const exhaustionFeatures = [
  /** How long it has lasted against how long it would have to: what has lasted long goes on longer (Gott 1993). */
  'lasting',
  /** Where it bends: growth still to come, against what is left. */
  'bend',
  /** Of the room above what it came down from before (its lowest, where it never did) the share that is taken. */
  'beyond',
  /** Growth against scatter. */
  'clear',
  /** How much longer than the trend the resource is known. */
  'history',
] as const;

const leastPoints = 10;
const windows = [12, levelPoints] as const;
const clip = (value: number, low: number, high: number) => Math.max(low, Math.min(high, value));

/**
 * Looks at one resource over all horizons (12 and 32 steps of each scale) and gives the most telling one; undefined where
 * nothing grows that could use it up within three horizons.
 */
export function createExhaustionLook(pyramid: TrendPyramid, horizonMs: number, weights: Weights) {
  const trendOf = createTrendFit();
  const xs = new Float64Array(levelPoints);
  const ys = new Float64Array(levelPoints);
  const empty = () => ({
    logOdds: Number.NEGATIVE_INFINITY,
    expectedMs: 0,
    earliestMs: 0,
    latestMs: 0,
    overMs: 0,
    growth: 0,
  });
  let best: Exhaustion = { ...empty(), features: new Float64Array(exhaustionFeatures.length) };
  let other: Exhaustion = { ...empty(), features: new Float64Array(exhaustionFeatures.length) };

  /** Whether the ends of the window allow an exhaustion at all: spares the fit for nearly all. */
  function mayMatter(count: number, stepMs: number, free: number): boolean {
    const growth = (ys[count - 1]! + ys[count - 2]! + ys[count - 3]! - ys[0]! - ys[1]! - ys[2]!) / 3;
    return growth > 0 && (free / growth) * (xs[count - 1]! - xs[0]!) * stepMs < 3 * horizonMs;
  }

  function describe(into: Exhaustion, trend: RobustTrend, stepMs: number, standing: ResourceStanding): boolean {
    const free = 1 - standing.used;
    const thirdMs = (trend.span * stepMs) / 3;
    if (!(trend.slope > 0) || !(trend.late > 0)) return false;
    const ratio = trend.early > 0 ? trend.late / trend.early : Number.POSITIVE_INFINITY;
    // A decaying growth has so much more to come; a steady or quickening one has no end.
    const toCome = ratio < 1 ? (trend.late * ratio ** 1.5) / (1 - ratio) : Number.POSITIVE_INFINITY;
    const steadyMs = (free / trend.slope) * stepMs;
    const quickMs = (free / trend.late) * thirdMs;
    into.expectedMs = ratio > 1 ? Math.min(steadyMs, quickMs) : slowingMs(free, toCome, ratio, thirdMs, steadyMs);
    into.earliestMs = Math.min((free / trend.slopeHigh) * stepMs, 0.6 * into.expectedMs);
    into.latestMs = Math.max(trend.slopeLow > 0 ? (free / trend.slopeLow) * stepMs : 0, 2 * into.expectedMs);
    into.overMs = trend.span * stepMs;
    into.growth = trend.slope * trend.span;
    const tolerated = Number.isNaN(standing.recoveredFrom) ? standing.lowest : standing.recoveredFrom;
    const { features } = into;
    features[0] = clip(Math.log(into.overMs / into.expectedMs), -3, 2);
    features[1] = clip(Math.log(toCome / free), -3, 2);
    features[2] = clip((standing.steady - tolerated) / (1 - tolerated), 0, 1);
    features[3] = clip(Math.log(into.growth / (trend.noise + 1e-6)), -1, 4);
    features[4] = clip(Math.log((standing.nowMs - standing.sinceMs) / into.overMs), 0, 3);
    into.logOdds = logOdds(weights, features);
    return true;
  }

  return (track: number, standing: ResourceStanding): Exhaustion | undefined => {
    const free = 1 - standing.used;
    let found = false;
    for (let level = 0; level < levels; level += 1) {
      const stepMs = pyramid.stepMs(track, level);
      for (const points of windows) {
        const count = pyramid.read(track, level, points, xs, ys);
        if (count < Math.max(leastPoints, 0.75 * points)) continue;
        if (!mayMatter(count, stepMs, free)) continue;
        if (!describe(other, trendOf(xs, ys, count), stepMs, standing)) continue;
        if (other.expectedMs > 3 * horizonMs || (found && other.logOdds <= best.logOdds)) continue;
        [best, other] = [other, best];
        found = true;
      }
    }
    return found ? best : undefined;
  };
}

/** Time until an exponentially slowing growth has taken what is free; the steady time where it hardly slows. */
function slowingMs(free: number, toCome: number, ratio: number, thirdMs: number, steadyMs: number): number {
  if (ratio > 0.9) return steadyMs;
  const decayMs = thirdMs / -Math.log(ratio);
  if (free >= 0.98 * toCome) return Math.max(steadyMs, 4 * decayMs);
  return Math.max(steadyMs, -decayMs * Math.log(1 - free / toCome));
}

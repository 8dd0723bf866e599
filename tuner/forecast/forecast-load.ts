import { median, quantile, theilSen } from './theil-sen.ts';

export interface LoadForecast {
  readonly method: 'level' | 'trend' | 'season';
  readonly horizonSeconds: number;
  readonly now: number;
  readonly expected: number;
  /** 95 % of recent forecasts were at or below this. */
  readonly upper: number;
}

/** The same time of earlier seasons, as bucket means; undefined while fewer than two seasons were seen. */
export type SeasonalLookup = (timeMs: number) => number | undefined;

const trendWindowMs = 60_000;
const shortTrendWindowMs = 30_000;
/** A less simple forecaster must be better by this much, so that noise doesn't choose. */
const simplicity = 0.9;
const levelWindowMs = 20_000;
const backtestLeadsMs = [15_000, 30_000];
const backtestMs = 180_000;
const denseMs = 60_000;
const denseStepMs = 10_000;
const sparseStepMs = 30_000;
const backtestHalfLifeMs = 25_000;
const upperZ = 1.645;
const leastSpread = 0.02;
// No load triples between two looks because a line points there.
const largestGrowth = 3;

/** A forecast from what was known up to row `last`. */
type Method = (
  timesMs: readonly number[],
  values: readonly number[],
  last: number,
  aheadMs: number,
) => number | undefined;

/**
 * Load some seconds ahead, with a band. Simple forecasters compete: the recent level, a robust linear trend over a
 * minute and over half of one, and the same time of the season before. The one whose forecasts 15 and 30 s ahead came closest in the last minutes wins,
 * recent misses counting most; its misses, spread with the square root of the horizon, make the band. Never negative.
 * Undefined where there are too few points.
 */
export function forecastLoad(
  timesMs: readonly number[],
  values: readonly number[],
  horizonSeconds: number,
  season?: SeasonalLookup,
): LoadForecast | undefined {
  if (timesMs.length < 4) return undefined;
  const methods: [LoadForecast['method'], Method][] = [
    ['level', forecastLevel],
    ['trend', forecastTrend(trendWindowMs)],
    ['trend', forecastTrend(shortTrendWindowMs)],
  ];
  if (season !== undefined) methods.push(['season', seasonal(season)]);
  const now = median(values.slice(-3));
  const seen =
    (1 + upperZ * leastSpread) * Math.max(...values.slice(firstRowSince(timesMs, values.length - 1, backtestMs)));
  const most = largestGrowth * Math.max(...values.slice(-24));
  let best: (LoadForecast & { readonly miss: number }) | undefined;
  for (const [method, run] of methods) {
    const ahead = run(timesMs, values, timesMs.length - 1, horizonSeconds * 1000);
    if (ahead === undefined || !Number.isFinite(ahead)) continue;
    const { miss, spread } = backtest(timesMs, values, run);
    if (best !== undefined && miss >= best.miss * simplicity) continue;
    const expected = Math.min(most, Math.max(0, ahead));
    const scale = Math.sqrt((horizonSeconds * 1000) / backtestLeadsMs[backtestLeadsMs.length - 1]);
    const band = upperZ * Math.max(leastSpread * expected, spread * Math.max(1, scale));
    // A steady level does not promise more than was seen.
    const upper = method === 'level' ? Math.max(expected, Math.min(expected + band, seen)) : expected + band;
    best = { method, horizonSeconds, now, expected, upper, miss };
  }
  if (best === undefined) return undefined;
  const { miss: _miss, ...forecast } = best;
  return forecast;
}

function forecastLevel(timesMs: readonly number[], values: readonly number[], last: number): number | undefined {
  return median(values.slice(firstRowSince(timesMs, last, levelWindowMs), last + 1));
}

function forecastTrend(windowMs: number): Method {
  return (timesMs, values, last, aheadMs) => {
    const line = theilSen(timesMs, values, firstRowSince(timesMs, last, windowMs), last);
    return line === undefined ? undefined : line.value + (line.perSecond * aheadMs) / 1000;
  };
}

// The season's shape, at the level of now.
function seasonal(season: SeasonalLookup): Method {
  return (timesMs, values, last, aheadMs) => {
    const nowMs = timesMs[last];
    const [then, ahead] = [season(nowMs), season(nowMs + aheadMs)];
    if (then === undefined || ahead === undefined || then <= 0) return undefined;
    return median(values.slice(Math.max(0, last - 2), last + 1)) * (ahead / then);
  };
}

function firstRowSince(timesMs: readonly number[], last: number, windowMs: number): number {
  let row = last;
  while (row > 0 && timesMs[row - 1] >= timesMs[last] - windowMs) row--;
  return row;
}

function backtest(
  timesMs: readonly number[],
  values: readonly number[],
  run: Method,
): { readonly miss: number; readonly spread: number } {
  const last = timesMs.length - 1;
  let weights = 0;
  let weighted = 0;
  const misses: number[] = [];
  // Dense in the last minute, sparse before: misses from long ago hardly count.
  let nextMs = timesMs[last];
  for (let row = last; row >= 0 && timesMs[last] - timesMs[row] <= backtestMs; row--) {
    if (timesMs[row] > nextMs) continue;
    nextMs = timesMs[row] - (timesMs[last] - timesMs[row] < denseMs ? denseStepMs : sparseStepMs);
    for (const leadMs of backtestLeadsMs) {
      const origin = rowAtOrBefore(timesMs, timesMs[row] - leadMs);
      if (origin < 3) continue;
      const forecast = run(timesMs, values, origin, timesMs[row] - timesMs[origin]);
      if (forecast === undefined) continue;
      const miss = Math.abs(values[row] - forecast);
      const weight = 2 ** (-(timesMs[last] - timesMs[row]) / backtestHalfLifeMs);
      weights += weight;
      weighted += weight * miss;
      misses.push(miss);
    }
  }
  // Without a past to test on, the simplest forecaster (asked first) stands.
  if (weights === 0) return { miss: Number.MAX_VALUE, spread: 0 };
  return { miss: weighted / weights, spread: quantile(misses, 0.9) / upperZ };
}

function rowAtOrBefore(timesMs: readonly number[], timeMs: number): number {
  let row = timesMs.length - 1;
  while (row >= 0 && timesMs[row] > timeMs) row--;
  return row;
}

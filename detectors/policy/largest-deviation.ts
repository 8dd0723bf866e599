import type { Direction, SeriesPoints } from '../../model/index.ts';

/** So many of so many samples in a row must deviate. */
export interface PersistenceRule {
  readonly samples: number;
  readonly of: number;
}

/**
 * The largest deviation that persists, as a share of the distance from the expected value to the end of the band (from 1 on
 * it is outside): over all runs of `of` samples, the `samples`-th largest. Points without a band count for nothing.
 */
export function largestDeviation(
  points: SeriesPoints,
  sides: readonly Direction[],
  { samples, of }: PersistenceRule,
): { readonly share: number; readonly direction: Direction } {
  let best = { share: 0, direction: sides[0] ?? ('up' as const) };
  for (const direction of sides) {
    const shares = sharesOf(points, direction);
    for (let end = Math.min(of, shares.length); end <= shares.length; end += 1) {
      const run = shares.slice(Math.max(0, end - of), end).sort((a, b) => b - a);
      const share = run[samples - 1] ?? 0;
      if (share > best.share) best = { share, direction };
    }
  }
  return best;
}

function sharesOf(points: SeriesPoints, direction: Direction): number[] {
  const side = direction === 'up' ? 1 : -1;
  return points.timesMs.map((_, at) => {
    const expected = points.expected[at] ?? Number.NaN;
    // The lower end may be cut off at zero; the band is as wide on either side.
    const half = (points.upper[at] ?? Number.NaN) - expected;
    const share = (side * (scoredValue(points, at) - expected)) / half;
    return share > 0 && Number.isFinite(share) ? share : 0;
  });
}

/** What the band is about: a gauge's value, or the rate of what is counted. */
function scoredValue({ kind, values, timesMs }: SeriesPoints, at: number): number {
  const value = values[at] ?? Number.NaN;
  if (kind === 'gauge') return value;
  if (at === 0) return Number.NaN;
  const seconds = (timesMs[at]! - timesMs[at - 1]!) / 1000;
  if (kind === 'delta') return value / seconds;
  const before = values[at - 1] ?? Number.NaN;
  return (value < before ? value : value - before) / seconds;
}

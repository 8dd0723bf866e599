type Values = (sample: string) => number | undefined;

export interface Quantiles {
  readonly count: number;
  /** Seconds, interpolated within the bucket as Prometheus' histogram_quantile does. */
  quantile(share: number): number;
  /** Share of observations up to this bucket bound, seconds. */
  shareWithin(bound: number): number;
}

const bounds = [
  0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.035, 0.04, 0.045, 0.05, 0.06, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30,
  60,
];

/** Of what a histogram of Kybern's observed between two looks at its metrics. */
export function createQuantiles(name: string, before: Values, after: Values): Quantiles {
  const grown = (sample: string) => (after(sample) ?? 0) - (before(sample) ?? 0);
  const within = (bound: number) => grown(`${name}_bucket{le="${bound}"}`);
  const count = grown(`${name}_count`);
  return {
    count,
    shareWithin: (bound) => within(bound) / count,
    quantile(share) {
      const at = bounds.findIndex((bound) => within(bound) >= share * count);
      if (at < 0) return Number.POSITIVE_INFINITY;
      const low = at === 0 ? 0 : within(bounds[at - 1]!);
      const from = at === 0 ? 0 : bounds[at - 1]!;
      return from + ((share * count - low) / (within(bounds[at]!) - low)) * (bounds[at]! - from);
    },
  };
}

import type { SeriesKind } from '../../model/index.ts';
import { prometheusKind } from '../catalog/prometheus-kind.ts';
import type { Tenant } from '../intake/tenant.ts';

/** Numbers of `MetricMetadata.MetricType`, the same in 1.0 and 2.0. */
const metricType = { counter: 1, gauge: 2, histogram: 3, gaugeHistogram: 4, summary: 5, info: 6, stateSet: 7 } as const;

/** The number of a type, 0 for those that are not known. */
export function metricTypeOf(type: number): number {
  return type <= metricType.stateSet ? type : 0;
}

/** The kind of a series of this metric type, undefined where the type is not told. */
export function kindOfType(type: number, name: string): SeriesKind | undefined {
  switch (type) {
    case metricType.counter:
      return 'counter';
    case metricType.gauge:
    case metricType.gaugeHistogram:
    case metricType.info:
    case metricType.stateSet:
      return 'gauge';
    case metricType.histogram:
    case metricType.summary:
      // The quantiles of a summary bear the name of the metric; count, sum and buckets go up.
      return prometheusKind(name);
    default:
      return undefined;
  }
}

export interface KnownType {
  readonly told: SeriesKind | undefined;
  readonly byName: SeriesKind;
  readonly unit: string;
}

/** What the metadata messages of 1.0 told about metrics; they come apart from the samples, before or after them. */
export interface MetricTypes {
  /** True where series of this metric may have been taken for another kind until now. The first to tell is believed. */
  learn(tenant: Tenant, family: string, type: number, unit: string): boolean;
  of(tenant: Tenant, name: string): KnownType;
}

const mostMetrics = 100_000;

export function createMetricTypes(): MetricTypes {
  const known = new Map<string, { readonly kind: SeriesKind; readonly unit: string }>();
  const keyOf = (tenant: Tenant, name: string) => `${tenant.index} ${name}`;

  return {
    learn(tenant, family, type, unit) {
      const kind = kindOfType(type, family);
      const key = keyOf(tenant, family);
      if (kind === undefined || family === '' || known.has(key) || known.size >= mostMetrics) return false;
      known.set(key, { kind, unit });
      const isGaugeHistogram = type === metricType.gaugeHistogram;
      if (isGaugeHistogram) {
        for (const suffix of ['_bucket', '_count', '_sum']) known.set(key + suffix, { kind, unit: '' });
      }
      return isGaugeHistogram || kind !== prometheusKind(family);
    },
    of(tenant, name) {
      const metric = known.get(keyOf(tenant, name));
      return { told: metric?.kind, byName: prometheusKind(name), unit: metric?.unit ?? '' };
    },
  };
}

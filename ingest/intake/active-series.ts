import {
  type Clock,
  KybernError,
  labelValue,
  type Metrics,
  type SeriesCatalog,
  type SignalBatch,
} from '../../model/index.ts';
import { fingerprintOf } from '../catalog/fingerprint-of.ts';
import { createActivityCount } from './activity-count.ts';
import { defaultTenant, tenantLabel } from './tenant.ts';

/** How many series may be active at a time; 0: no limit. */
export interface ActiveLimits {
  readonly activeSeconds: number;
  readonly activeSeries: number;
  readonly activeSeriesPerMetric: number;
  /** Of a tenant, by its name. */
  readonly activeSeriesOf: (tenant: string) => number;
}

export interface ActiveSeries {
  /**
   * The catalogue, with new series from senders refused (KYBERN_SERIES_LIMIT) while the limits are reached. Series that
   * are known already, and series that Kybern derives itself, are never refused.
   */
  readonly catalog: SeriesCatalog;
  /** To be told of each batch that became durable. */
  seen(batch: SignalBatch): void;
  readonly size: number;
  /** Metrics with the most active series, most first. */
  largest(count: number): readonly { readonly metric: string; readonly activeSeries: number }[];
}

/**
 * Counts the series seen lately, all, by tenant and by metric name, so that the one metric that explodes is stopped
 * before it takes the room of all others. Costs one comparison a row.
 */
export function createActiveSeries(deps: {
  readonly catalog: SeriesCatalog;
  readonly limits: ActiveLimits;
  readonly clock: Clock;
  readonly metrics: Metrics;
}): ActiveSeries {
  const { catalog, limits, clock } = deps;
  const overflow = deps.metrics.counter('kybern_ingest_series_overflow_total', 'New series refused, by what is full.', [
    'limit',
  ]);
  const active = deps.metrics.gauge('kybern_ingest_active_series', 'Series seen lately.');
  const count = createActivityCount((limits.activeSeconds * 1000) / 2, (id) => {
    const { name, labels } = catalog.get(id);
    return { metric: name, tenant: labelValue(labels, tenantLabel) ?? defaultTenant.name };
  });

  function refuse(limit: string, detail: string): never {
    overflow.add(1, { limit });
    throw new KybernError('KYBERN_SERIES_LIMIT', detail);
  }

  function checkRoom(name: string, tenant: string): void {
    const nowMs = clock.now();
    if (limits.activeSeries > 0 && count.total(nowMs) >= limits.activeSeries)
      refuse('all', `${limits.activeSeries} series are active, no room for ${name}`);
    const most = limits.activeSeriesOf(tenant);
    if (most > 0 && count.ofTenant(tenant, nowMs) >= most)
      refuse('tenant', `${most} series of ${tenant} are active, no room for ${name}`);
    if (limits.activeSeriesPerMetric > 0 && count.ofMetric(name, nowMs) >= limits.activeSeriesPerMetric)
      refuse('metric', `${limits.activeSeriesPerMetric} series of ${name} are active`);
  }

  return {
    catalog: {
      get size() {
        return catalog.size;
      },
      get: catalog.get,
      find: catalog.find,
      intern(identity) {
        if (identity.origin !== 'received') return catalog.intern(identity);
        const known = catalog.find(fingerprintOf(identity));
        if (known !== undefined) return known.id;
        const tenant = labelValue(identity.labels, tenantLabel) ?? defaultTenant.name;
        checkRoom(identity.name, tenant);
        const id = catalog.intern(identity);
        // Counted from its definition on: one body may bring more new series than there is room for.
        count.mark(id, clock.now());
        return id;
      },
    },
    seen(batch) {
      if (batch.kind === 'cluster') return;
      const nowMs = clock.now();
      for (let row = 0; row < batch.count; row++) count.mark(batch.series[row], nowMs);
      active.set(count.total(nowMs));
    },
    get size() {
      return count.total(clock.now());
    },
    largest: (most) => count.largest(most, clock.now()),
  };
}

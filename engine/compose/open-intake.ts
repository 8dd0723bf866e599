import { type ActiveSeries, createActiveSeries, createPrivacy } from '../../ingest/index.ts';
import type { Clock, Metrics, SeriesCatalog, SignalBatch } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';

/** What receivers and feeds are given: the catalogue with its limits, and the way into the log. */
export interface Intake {
  readonly catalog: SeriesCatalog;
  readonly append: (batches: readonly SignalBatch[]) => Promise<void>;
  readonly active: ActiveSeries;
}

/** Stands between all that brings signals in and the log. */
export function openIntake(deps: {
  readonly catalog: SeriesCatalog;
  readonly append: (batches: readonly SignalBatch[]) => Promise<void>;
  readonly config: KybernConfig['ingest'];
  readonly clock: Clock;
  readonly metrics: Metrics;
}): Intake {
  const { limits, tenants } = deps.config;
  const privacy = createPrivacy(deps);
  const ownLimits = new Map(tenants.known.map(({ name, activeSeries }) => [name, activeSeries]));
  const active = createActiveSeries({
    ...deps,
    limits: { ...limits, activeSeriesOf: (tenant) => ownLimits.get(tenant) || tenants.activeSeries },
  });
  return {
    catalog: privacy.catalog(active.catalog),
    active,
    async append(batches) {
      await deps.append(batches.map(privacy.batch));
      for (const batch of batches) active.seen(batch);
    },
  };
}

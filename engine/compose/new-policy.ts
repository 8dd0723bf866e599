import { createCalendar, createPolicy } from '../../detectors/index.ts';
import type { Metrics, SeriesCatalog, VettingPolicy } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';

/** What vets anomalies, as the configuration wants it. Throws KYBERN_CONFIG for a time zone or a day that there is not. */
export function newPolicy(deps: {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly config: Pick<KybernConfig, 'analysis' | 'detectors'>;
}): VettingPolicy {
  const { policy, calendar, metrics } = deps.config.detectors;
  return createPolicy({
    ...deps,
    config: policy,
    threshold: metrics.threshold,
    calendar: createCalendar(calendar),
    latenessMs: deps.config.analysis.latenessSeconds * 1000,
  });
}

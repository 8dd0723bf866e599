import { Value } from 'typebox/value';
import {
  type Anomaly,
  type Feedback,
  type MaintenanceWindow,
  type Metrics,
  noMetrics,
  toTimestamp,
  type VettingPolicy,
} from '../../model/index.ts';
import { utcCalendar } from '../calendar/index.ts';
import { createPolicy, feedbackOn, PolicyConfig } from '../policy/index.ts';
import { createMemoryCatalog } from './memory-catalog.ts';
import { startMs } from './synthetic.ts';

export const policyDefaults = Value.Parse(PolicyConfig, Value.Default(PolicyConfig, {}));
export const said = { who: 'ada', atMs: startMs };

/** What vets anomalies, as configured, on a threshold of 6. */
export function newPolicy(
  config: Partial<PolicyConfig> = {},
  latenessMs = 0,
  metrics: Metrics = noMetrics,
): VettingPolicy {
  return createPolicy({
    catalog: createMemoryCatalog(),
    metrics,
    config: { ...policyDefaults, ...config },
    threshold: 6,
    calendar: utcCalendar,
    latenessMs,
  });
}

/** Its end, so many seconds after the start of time in tests. */
export const cleared = (anomaly: Anomaly, atSeconds: number): Anomaly => ({
  ...anomaly,
  state: 'cleared',
  revision: anomaly.revision + 1,
  clearedAt: toTimestamp(startMs + atSeconds * 1000),
});
/** By what it is held back. */
export const holds = (policy: VettingPolicy, anomaly: Anomaly) => policy.vet([anomaly]).recorded[0]?.suppressed?.by;
export const deny = (anomaly: Anomaly, atMs = startMs): Feedback =>
  feedbackOn(anomaly, 'not_an_anomaly', { ...said, atMs }, policyDefaults.feedback);
export const window = (change: Partial<MaintenanceWindow>): MaintenanceWindow => ({
  id: 'mnt-1',
  revision: 1,
  state: 'planned',
  by: 'ada',
  reason: 'a new disk',
  createdAt: toTimestamp(startMs),
  updatedAt: toTimestamp(startMs),
  from: toTimestamp(startMs),
  to: toTimestamp(startMs + 600_000),
  ...change,
});

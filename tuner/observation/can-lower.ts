import type { WorkloadView } from './workload-view.ts';

/** Less than this share of what is usual is no quiet hour but a broken meter. */
const leastPlausibleShare = 0.05;

/**
 * Whether the data allow taking something away: listed lately, every pod ready and measured, no rollout, no open incident, the SLO held,
 * no fresh bad experience, and usage not implausibly low. What is missing, stale, frozen or absurd may hold or raise,
 * never lower.
 */
export function canLower(view: WorkloadView): boolean {
  const { track, cpuCores, atMs, workload } = view;
  return (
    view.listed &&
    view.complete &&
    !view.rollingOut &&
    !view.troubled &&
    workload.readyReplicas === workload.replicas &&
    (view.slo === undefined || view.slo.met) &&
    atMs >= track.noLoweringUntilMs &&
    cpuCores !== undefined &&
    cpuCores > 0 &&
    cpuCores >= leastPlausibleShare * track.usualCpu
  );
}

import type { TunerConfig } from '../config.ts';
import { forecastLoad, type LoadForecast } from '../forecast/forecast-load.ts';
import { seasonalLookup } from '../forecast/season.ts';
import { pointsSince } from '../observation/ring.ts';
import { isShortOfMemory } from '../observation/short-of-memory.ts';
import type { WorkloadView } from '../observation/workload-view.ts';
import { type Candidate, type Constraint, cheapestSize, type Demand, judgeSize } from '../search/cheapest-size.ts';
import { costPerHour } from '../simulator/cost.ts';
import { fitServiceModel } from '../simulator/service-model.ts';

/** What the load ahead asks for. */
export interface ReplicaJudgement {
  /** Fewest replicas that bear the demand; the most allowed where none does. */
  readonly wanted: number;
  /** Even the most allowed do not suffice. */
  readonly outOfReach: boolean;
  /** The replicas there are would not do, by more than the tolerance. */
  readonly short: boolean;
  readonly forecast: LoadForecast;
  readonly demand: Demand;
  readonly constraint: Constraint;
  readonly coresPerPod: number;
}

/** From this share of their CPU on pods may leave demand undone that usage doesn't show. */
const crowdedShare = 0.8;
const saturatedShare = 0.95;
const hiddenDemand = 1.5;
/** No farther than this many times the replicas there are (but at least so many) is looked. */
const farthest = 4;
const leastLookedAt = 16;

/**
 * Replicas for the load at the horizon's upper end. Demand is what CPU usage is forecast to be; once pods are crowded,
 * and usage no longer shows what they leave undone, also what the forecast traffic will cost at the usual CPU per
 * request (before that, traffic adds nothing but the noise of sampled traces). Of pods short of memory only the traffic
 * counts. Undefined where usage or the pods' CPU is not known.
 */
export function judgeReplicas(
  view: WorkloadView,
  config: TunerConfig,
  latencySloMs: number | undefined,
): ReplicaJudgement | undefined {
  const { track, cpuCores, podCpuCores, atMs, workload, bounds } = view;
  if (cpuCores === undefined || podCpuCores === undefined) return undefined;
  const { horizontal } = config;
  const sinceMs = atMs - config.historySeconds * 1000;
  const cpuPoints = pointsSince(track.cpu, sinceMs);
  const season = seasonalLookup(track.season, config.seasonSeconds * 1000);
  const forecast = forecastLoad(cpuPoints.timesMs, cpuPoints.values, horizontal.horizonSeconds, season);
  const newestMs = cpuPoints.timesMs.at(-1) ?? 0;
  if (forecast === undefined || atMs - newestMs > config.freshSeconds * 1000) return undefined;
  const ready = Math.max(1, workload.readyReplicas);
  const used = cpuCores / (ready * podCpuCores);
  const starved = isShortOfMemory(view);
  const matters = used >= crowdedShare || starved || latencySloMs !== undefined;
  const model = matters ? fitServiceModel(track.moments) : undefined;
  const rate = matters && view.slo !== undefined ? forecastRate(view, config) : undefined;
  const byTraffic = rate === undefined || model === undefined ? undefined : rate.upper * model.coreSecondsPerRequest;
  const hidden = used >= saturatedShare ? cpuCores * hiddenDemand : 0;
  const byUsage = Math.max(forecast.upper, hidden);
  const demand: Demand = {
    cpuCores:
      byTraffic === undefined ? byUsage : starved ? byTraffic : Math.max(byUsage, used < crowdedShare ? 0 : byTraffic),
    requestRate: rate?.upper,
    memoryBytes: 0,
  };
  const constraint: Constraint = {
    targetUtilisation: horizontal.targetUtilisation,
    memoryMargin: 1,
    latencyMs: latencySloMs === undefined ? undefined : latencySloMs * horizontal.latencyMargin,
    model,
    caution: 1 + track.caution / 2,
  };
  const candidates: Candidate[] = [];
  const most = Math.min(bounds.maxReplicas, Math.max(leastLookedAt, workload.replicas * farthest));
  for (let replicas = Math.max(1, bounds.minReplicas); replicas <= most; replicas++) {
    candidates.push({
      replicas,
      coresPerPod: podCpuCores,
      memoryBytesPerPod: 0,
      costPerHour: costPerHour(replicas, workload.containers, config.prices),
    });
  }
  const best = leastReplicas(candidates, demand, constraint);
  const loose = { ...constraint, targetUtilisation: constraint.targetUtilisation * (1 + horizontal.tolerance) };
  const now = { replicas: workload.replicas, coresPerPod: podCpuCores, memoryBytesPerPod: 0, costPerHour: 0 };
  return {
    wanted: best ?? Math.max(workload.replicas, most),
    outOfReach: best === undefined && most === bounds.maxReplicas,
    short: !judgeSize(now, demand, loose).feasible,
    forecast,
    demand,
    constraint,
    coresPerPod: podCpuCores,
  };
}

function forecastRate({ track, atMs }: WorkloadView, config: TunerConfig): LoadForecast | undefined {
  const points = pointsSince(track.rate, atMs - config.historySeconds * 1000);
  return forecastLoad(points.timesMs, points.values, config.horizontal.horizonSeconds);
}

// Where requests are not set every size costs nothing: fewest is then the order.
function leastReplicas(candidates: readonly Candidate[], demand: Demand, constraint: Constraint): number | undefined {
  const priced = candidates.map((candidate) => ({
    ...candidate,
    costPerHour: candidate.costPerHour + candidate.replicas * 1e-6,
  }));
  return cheapestSize(priced, demand, constraint)?.replicas;
}

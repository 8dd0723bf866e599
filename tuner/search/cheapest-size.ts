import { modelledLatencyMs, type ServiceModel } from '../simulator/service-model.ts';

/** The load that a size must bear. */
export interface Demand {
  /** Total CPU in cores at the upper end of the forecast. */
  readonly cpuCores: number;
  /** Requests per second there; undefined where no traffic is known. */
  readonly requestRate: number | undefined;
  /** Peak memory of a pod. */
  readonly memoryBytes: number;
}

export interface Candidate {
  readonly replicas: number;
  /** CPU one pod may use. */
  readonly coresPerPod: number;
  readonly memoryBytesPerPod: number;
  readonly costPerHour: number;
}

export interface Constraint {
  readonly targetUtilisation: number;
  readonly memoryMargin: number;
  /** p95 latency not to exceed; undefined where there is no such SLO. */
  readonly latencyMs: number | undefined;
  readonly model: ServiceModel | undefined;
  /** Standard deviations of the model's error that must fit below the SLO: more after bad experience. */
  readonly caution: number;
}

export interface Judged extends Candidate {
  readonly feasible: boolean;
  readonly utilisation: number;
  /** Careful modelled latency; undefined where nothing limits it. */
  readonly latencyMs: number | undefined;
}

/**
 * The cheapest size that the simulator believes keeps the SLO at the demand: minimum cost under constraints, not minimum
 * latency. A one-step decision whose reward is minus the cost; what earlier steps taught comes in as `caution`. Careful
 * latency is the modelled one times e^(caution × spread of the model's error). Among equally cheap ones the one with the
 * lowest utilisation. Undefined where no candidate is feasible.
 */
export function cheapestSize(
  candidates: readonly Candidate[],
  demand: Demand,
  constraint: Constraint,
): Judged | undefined {
  let best: Judged | undefined;
  for (const candidate of candidates) {
    const judged = judgeSize(candidate, demand, constraint);
    if (!judged.feasible) continue;
    const cheaper = best === undefined || judged.costPerHour < best.costPerHour - 1e-12;
    const asCheap = best !== undefined && Math.abs(judged.costPerHour - best.costPerHour) <= 1e-12;
    if (cheaper || (asCheap && best !== undefined && judged.utilisation < best.utilisation)) best = judged;
  }
  return best;
}

export function judgeSize(candidate: Candidate, demand: Demand, constraint: Constraint): Judged {
  const { replicas, coresPerPod } = candidate;
  const utilisation = demand.cpuCores / (replicas * coresPerPod);
  const latencyMs = carefulLatency(candidate, demand, constraint);
  const { latencyMs: most } = constraint;
  const feasible =
    replicas >= 1 &&
    coresPerPod > 0 &&
    utilisation <= constraint.targetUtilisation + 1e-9 &&
    candidate.memoryBytesPerPod >= demand.memoryBytes * constraint.memoryMargin &&
    (latencyMs === undefined || most === undefined || latencyMs <= most);
  return { ...candidate, feasible, utilisation, latencyMs };
}

// Latency that no size can help (its own work, what it calls) does not count against any: where that alone takes most of
// what is allowed, a slow dependency would otherwise buy its callers replicas that win milliseconds.
const helplessShare = 0.8;

function carefulLatency(candidate: Candidate, demand: Demand, constraint: Constraint): number | undefined {
  const { model, latencyMs: most, caution } = constraint;
  if (model === undefined || demand.requestRate === undefined) return undefined;
  const factor = Math.exp(caution * model.errorSpread);
  if (most !== undefined && model.baseLatencyMs * factor > helplessShare * most) return undefined;
  return factor * modelledLatencyMs(model, demand.requestRate, candidate);
}

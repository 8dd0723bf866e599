/** One pod as the HPA sees it. */
export interface HpaPod {
  readonly ready: boolean;
  /** Usage of the resource; undefined where no metric came. */
  readonly usage: number | undefined;
  readonly request: number;
}

export interface HpaInput {
  /** spec.replicas. */
  readonly replicas: number;
  readonly pods: readonly HpaPod[];
  /** Share of the request that pods should use. */
  readonly targetUtilisation: number;
  readonly tolerance: number;
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

/**
 * Replicas by the Kubernetes HPA's resource rule (pkg/controller/podautoscaler/replica_calculator.go): the ratio of usage
 * to target over the ready pods; within the tolerance it holds. Pods without a metric count as using 100 % of their
 * request when scaling down and 0 % when scaling up, unready ones as 0 % when scaling up; if with them the ratio is
 * within the tolerance or turns the other way, it holds. Then the cap of one step, max(2n, 4), and the bounds.
 */
export function hpaReplicas(input: HpaInput): number {
  const wanted = unbounded(input);
  const mostInOneStep = Math.max(2 * input.replicas, 4);
  return Math.max(input.minReplicas, Math.min(input.maxReplicas, mostInOneStep, wanted));
}

function unbounded({ replicas, pods, targetUtilisation, tolerance }: HpaInput): number {
  const measured = pods.filter((pod) => pod.ready && pod.usage !== undefined);
  const missing = pods.filter((pod) => pod.ready && pod.usage === undefined);
  const unready = pods.filter((pod) => !pod.ready);
  if (measured.length === 0) return replicas;
  const usageRatio = ratio(measured, targetUtilisation);
  const within = (value: number) => Math.abs(1 - value) <= tolerance + 1e-12;
  if (!Number.isFinite(usageRatio)) return replicas;
  const up = usageRatio > 1;
  if (missing.length === 0 && (unready.length === 0 || !up)) {
    return within(usageRatio) ? replicas : ceil(usageRatio * measured.length);
  }
  const imputed = [
    ...measured,
    ...missing.map((pod) => ({ ...pod, usage: up ? 0 : pod.request })),
    ...(up ? unready.map((pod) => ({ ...pod, usage: 0 })) : []),
  ];
  const newRatio = ratio(imputed, targetUtilisation);
  if (within(newRatio) || newRatio > 1 !== up) return replicas;
  const wanted = ceil(newRatio * imputed.length);
  // Imputation must not carry it past where it stands now, in the wrong direction.
  return (up && wanted < replicas) || (!up && wanted > replicas) ? replicas : wanted;
}

function ratio(pods: readonly HpaPod[], target: number): number {
  const usage = pods.reduce((sum, pod) => sum + (pod.usage ?? 0), 0);
  const request = pods.reduce((sum, pod) => sum + pod.request, 0);
  return usage / request / target;
}

// Kubernetes computes in milli-units; a hair over a whole number from floating point is not one replica more.
function ceil(value: number): number {
  return Math.ceil(value - 1e-9);
}

/** Recommendations of the last minutes: what the HPA scales down to is their highest. Plain data. */
export type HpaHistory = { readonly atMs: number; readonly replicas: number }[];

/** The HPA's downscale stabilisation: the highest recommendation of the window. Adds the new one to the history. */
export function stabilised(history: HpaHistory, atMs: number, replicas: number, windowSeconds: number): number {
  while (history.length > 0 && history[0].atMs <= atMs - windowSeconds * 1000) history.shift();
  history.push({ atMs, replicas });
  return Math.max(...history.map((entry) => entry.replicas));
}

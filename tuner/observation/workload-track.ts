import type { WorkloadRef, WorkloadState } from '../../model/index.ts';
import type { HpaHistory } from '../baselines/hpa.ts';
import { createVpaState, type VpaState } from '../baselines/vpa.ts';
import { createSeason, type Season } from '../forecast/season.ts';
import type { ServiceMoment } from '../simulator/service-model.ts';
import type { UsageSlot } from './pod-usage.ts';
import { createRing, type Ring } from './ring.ts';

/** What is remembered of a pod between samples. */
export interface PodTrack {
  /** Rows of the latest readings. */
  rows: readonly number[];
  /** Memory of the pod, or of its growing container, thinned to one point in ten seconds; from its first evaluation on. */
  memory?: Ring;
}

/** The same as plain data. */
export interface SavedPod {
  readonly slots: readonly UsageSlot[];
  readonly memory?: Ring;
}

/** What is remembered of a workload between evaluations. Plain data. */
export interface WorkloadTrack {
  readonly ref: WorkloadRef;
  readonly firstSeenMs: number;
  /** Total CPU of its pods in cores, and the request rate of its service, at each evaluation. */
  readonly cpu: Ring;
  readonly rate: Ring;
  readonly season: Season;
  readonly moments: (ServiceMoment & { readonly atMs: number })[];
  readonly vpa: VpaState;
  readonly hpa: HpaHistory;
  /** Replicas that the load asked for at each evaluation of the last minutes. */
  readonly wanted: HpaHistory;
  /** Evaluations in a row that wanted more replicas. */
  scaleOutVotes: number;
  /** Slowly moving mean of the CPU total: what is usual here. NaN before the first. */
  usualCpu: number;
  lastEvaluatedMs: number;
  lastSearchMs: number;
  /** Floor of scaling in where no annotation sets one: replicas as the owner set them. */
  declaredReplicas: number;
  lastReplicas: number;
  /** Replicas that we proposed lately. */
  readonly proposedReplicas: number[];
  /** An action was on its way at this time: older listings don't show what it did. */
  actedMs: number;
  /** What past actions taught: 0 to 3, more careful the higher. */
  caution: number;
  /** After a lowering that went wrong nothing is lowered until then. */
  noLoweringUntilMs: number;
  /** Termination time of the latest kill for memory that the VPA baseline has counted. */
  lastOomMs: number;
}

export function createWorkloadTrack(workload: WorkloadState, atMs: number, points: number): WorkloadTrack {
  return {
    ref: workload.ref,
    firstSeenMs: atMs,
    cpu: createRing(points),
    rate: createRing(points),
    season: createSeason(),
    moments: [],
    vpa: createVpaState(),
    hpa: [],
    wanted: [],
    scaleOutVotes: 0,
    usualCpu: Number.NaN,
    lastEvaluatedMs: 0,
    lastSearchMs: 0,
    declaredReplicas: workload.replicas,
    lastReplicas: workload.replicas,
    proposedReplicas: [],
    actedMs: 0,
    caution: 0,
    noLoweringUntilMs: 0,
    lastOomMs: 0,
  };
}

export const memoryPointMs = 10_000;
const memoryPoints = 96;

export function createMemoryRing(): Ring {
  return createRing(memoryPoints);
}

export function podKey(pod: { readonly namespace: string; readonly name: string }): string {
  return `${pod.namespace}/${pod.name}`;
}

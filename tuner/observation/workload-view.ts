import {
  annotations,
  type ContainerResources,
  type PodState,
  type SloStatus,
  type WorkloadState,
  workloadKey,
} from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';
import { type Observation, podsOf } from './observation.ts';
import { type PodReading, readPod } from './pod-usage.ts';
import { type PodTrack, podKey, type WorkloadTrack } from './workload-track.ts';

/** One pod as it stands now. */
export interface PodView {
  readonly pod: PodState;
  readonly track: PodTrack | undefined;
  readonly cpu: PodReading | undefined;
  readonly memory: PodReading | undefined;
}

/** A workload as it stands now: all that proposals are made from. */
export interface WorkloadView {
  readonly atMs: number;
  readonly workload: WorkloadState;
  readonly track: WorkloadTrack;
  readonly pods: readonly PodView[];
  /** The listing it rests on is recent. */
  readonly listed: boolean;
  readonly rollingOut: boolean;
  /** An incident is open in its namespace. */
  readonly troubled: boolean;
  /** Latest standing of its service, if recent. */
  readonly slo: SloStatus | undefined;
  /** Total CPU now, extrapolated over ready pods that should have a reading and don't; undefined where none has one. */
  readonly cpuCores: number | undefined;
  /** CPU and memory of every pod are fresh, and move as living things do. */
  readonly complete: boolean;
  /** What one pod may use: limits, else requests. Undefined where neither is set. */
  readonly podCpuCores: number | undefined;
  readonly bounds: ReplicaBounds;
}

export interface ReplicaBounds {
  readonly minReplicas: number;
  readonly maxReplicas: number;
}

const frozenMs = 120_000;

export function viewWorkload(
  observation: Observation,
  workload: WorkloadState,
  atMs: number,
  config: TunerConfig,
  troubled = false,
): WorkloadView | undefined {
  const { snapshot } = observation;
  const track = observation.workloads.get(workloadKey(workload.ref));
  if (snapshot === undefined || track === undefined) return undefined;
  const sinceMs = atMs - config.freshSeconds * 1000;
  const pods = podsOf(snapshot, workload.ref).map((pod): PodView => {
    const podTrack = observation.pods.get(podKey(pod));
    const slots = podTrack === undefined ? [] : observation.readingsOf(podTrack);
    return { pod, track: podTrack, cpu: readPod(slots, 'cpu', sinceMs), memory: readPod(slots, 'memory', sinceMs) };
  });
  const ready = pods.filter(({ pod }) => pod.ready);
  const measured = ready.filter(({ cpu }) => cpu !== undefined);
  // A pod that has only just started cannot have a reading yet, and the others' still hold what it takes over from them.
  const missing = ready.filter(({ pod, cpu }) => cpu === undefined && pod.startedAtMs < sinceMs).length;
  const cpuSum = measured.reduce((sum, { cpu }) => sum + (cpu?.value ?? 0), 0);
  return {
    atMs,
    workload,
    track,
    pods,
    listed: atMs - snapshot.atMs <= config.snapshotFreshSeconds * 1000,
    troubled,
    rollingOut: workload.observedGeneration < workload.generation || workload.updatedReplicas < workload.replicas,
    slo: serviceStanding(observation, workload, sinceMs),
    cpuCores: measured.length === 0 ? undefined : cpuSum * (1 + missing / measured.length),
    complete:
      pods.length > 0 &&
      pods.length === workload.replicas &&
      pods.every(({ pod, cpu, memory }) => pod.ready && isAlive(cpu, atMs) && memory !== undefined),
    podCpuCores: podCpu(workload.containers),
    bounds: boundsOf(workload, config),
  };
}

// A reading that has not changed in its last bit for minutes comes from a sender that is stuck.
function isAlive(reading: PodReading | undefined, atMs: number): boolean {
  return reading !== undefined && atMs - reading.sameSinceMs < frozenMs;
}

function podCpu(containers: readonly { readonly resources: ContainerResources }[]): number | undefined {
  let sum = 0;
  for (const { resources } of containers) {
    const cores = resources.limits.cpuCores ?? resources.requests.cpuCores;
    if (cores === undefined || !(cores > 0)) return undefined;
    sum += cores;
  }
  return sum > 0 ? sum : undefined;
}

// Its service is the one that resource attributes tie to it, else the one of its name.
function serviceStanding(observation: Observation, workload: WorkloadState, sinceMs: number): SloStatus | undefined {
  const { ref } = workload;
  const key = workloadKey(ref);
  for (const [service, owner] of observation.workloadOfService) {
    const status = owner === key ? observation.slos.get(service) : undefined;
    if (status !== undefined && status.atMs >= sinceMs) return status;
  }
  const status = observation.slos.get(`${ref.namespace}/${ref.name}`) ?? observation.slos.get(`/${ref.name}`);
  return status !== undefined && status.atMs >= sinceMs ? status : undefined;
}

function boundsOf(workload: WorkloadState, { horizontal }: TunerConfig): ReplicaBounds {
  return {
    minReplicas: annotationNumber(workload, annotations.minReplicas) ?? horizontal.minReplicas,
    maxReplicas: annotationNumber(workload, annotations.maxReplicas) ?? horizontal.maxReplicas,
  };
}

/** An annotation's number; undefined where it is not there or not a number (then the actuator's gate refuses anyway). */
export function annotationNumber(workload: WorkloadState, name: string): number | undefined {
  const text = workload.annotations[name];
  const value = text === undefined || text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) && value >= 0 ? value : undefined;
}

import type { WorkloadRef } from '../../model/index.ts';
import { annotations, type ClusterEvent, type ContainerResources, optInLabel, type Random } from '../../model/index.ts';
import type { Attributes } from '../telemetry-frame.ts';
import { randomFrom } from './randomness.ts';
import type { ServiceSpec } from './shop-services.ts';
import { shopServices, workloadOf } from './shop-services.ts';
import type { Traffic } from './traffic.ts';

/** The step of the simulation: everything happens at whole ticks. */
export const tickMs = 1000;

/** How long an entry that leaks is kept before it expires, in ticks: a leak of retained sessions has an end. */
export const leakRetentionTicks = 64;

export interface SimNode {
  readonly name: string;
  readonly cpuCores: number;
  readonly memoryBytes: number;
  readonly resource: Attributes;
  ready: boolean;
  /** Since when the machine is gone. */
  downSinceMs: number | undefined;
  /** Share of the wanted CPU that its pods get. */
  cpuShare: number;
  cpuUsed: number;
  memoryUsed: number;
}

export interface Template {
  readonly revision: number;
  readonly hash: string;
  readonly resources: ContainerResources;
  readonly restartedAt: string | undefined;
  /** Share of requests that this revision's code fails. */
  readonly failing: number;
}

export interface SimWorkload {
  readonly spec: ServiceSpec;
  readonly ref: WorkloadRef;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly resource: Attributes;
  annotations: Readonly<Record<string, string>>;
  resourceVersion: number;
  generation: number;
  observedGeneration: number;
  replicas: number;
  template: Template;
  /** Not terminating ones first to last by age, then those on their way out. */
  pods: SimPod[];
  podsMade: number;
  names: Random;
  load: ServiceLoad;
}

/** A service's load over its pods in the latest tick. */
export interface ServiceLoad {
  rate: number;
  /** The same, smoothed over some ten seconds. */
  usualRate: number;
  /** Share of calls that meet no living endpoint. */
  refused: number;
  /** Rate-weighted over ready pods. */
  waitMs: number;
  rejected: number;
  slowness: number;
}

export type ContainerPhase = 'creating' | 'starting' | 'running' | 'back-off';

export interface SimPod {
  readonly name: string;
  readonly uid: string;
  readonly workload: SimWorkload;
  readonly template: Template;
  readonly resource: Attributes;
  readonly createdMs: number;
  /** Its share of the traffic relative to its siblings. */
  readonly weight: number;
  resources: ContainerResources;
  resourceVersion: number;
  node: SimNode | undefined;
  phase: ContainerPhase;
  /** When the phase ends: creation, start or back-off. */
  phaseEndsMs: number;
  containerStartedMs: number;
  ready: boolean;
  /** Not ready, but traffic still comes until then: endpoints lag behind. */
  endpointUntilMs: number;
  deletedMs: number | undefined;
  restarts: number;
  recentCrashes: number;
  lastTermination: { readonly reason: string; readonly atMs: number } | undefined;
  unschedulableSaid: boolean;
  // Memory, in bytes.
  memory: number;
  garbage: number;
  retained: number;
  readonly leaks: Float64Array;
  // Load of the latest tick.
  rate: number;
  cpuUsed: number;
  utilisation: number;
  throttled: number;
  collecting: number;
  waitMs: number;
  backlogMs: number;
  backlogCoreSeconds: number;
  rejected: number;
  meanDurationMs: number;
  // Counters since the container started.
  requests: number;
  errors: number;
  collectedSeconds: number;
}

export interface WorldState {
  readonly seed: number;
  readonly nodes: readonly SimNode[];
  /** Callers before callees, as in {@link shopServices}. */
  readonly workloads: readonly SimWorkload[];
  readonly byService: ReadonlyMap<string, SimWorkload>;
  readonly traffic: Traffic;
  nowMs: number;
  resourceVersion: number;
  queueDepth: number;
  cacheHitRatio: number;
  /** Per operation, as {@link operations} numbers them: calls per second, mean duration and share failed. */
  readonly operationRates: Float64Array;
  readonly operationMeanMs: Float64Array;
  readonly operationFailed: Float64Array;
  readonly report: (event: Omit<ClusterEvent, 'id' | 'atMs'>) => void;
  /** What processes wrote about themselves since the last frame: lines that follow from state changes. */
  readonly notes: LogNote[];
}

export interface LogNote {
  readonly timeMs: number;
  readonly severity: number;
  readonly body: string;
  readonly resource: Attributes;
}

export function nextVersion(state: WorldState): number {
  state.resourceVersion += 1;
  return state.resourceVersion;
}

export function touchPod(state: WorldState, pod: SimPod): void {
  pod.resourceVersion = nextVersion(state);
}

export const isLeaving = (pod: SimPod): boolean => pod.deletedMs !== undefined;

export function createNodes(): SimNode[] {
  return ['node-1', 'node-2', 'node-3', 'node-4'].map((name) => ({
    name,
    cpuCores: 8,
    memoryBytes: 16 * 1024 ** 3,
    resource: { 'k8s.node.name': name },
    ready: true,
    downSinceMs: undefined,
    cpuShare: 1,
    cpuUsed: 0,
    memoryUsed: 0,
  }));
}

export function createWorkloads(seed: number): SimWorkload[] {
  return shopServices.map((spec, index) => {
    const ref = workloadOf(spec);
    const managed = spec.role === 'service';
    const kindKey = managed ? 'k8s.deployment.name' : 'k8s.statefulset.name';
    const limits = { cpuCores: spec.cpuLimitCores, memoryBytes: spec.memoryLimitBytes };
    const requests = { cpuCores: spec.cpuLimitCores / 2, memoryBytes: spec.memoryLimitBytes / 2 };
    return {
      spec,
      ref,
      uid: `${ref.kind.toLowerCase()}-${index + 1}`,
      labels: { app: spec.name, ...(managed ? { [optInLabel]: 'true' } : {}) },
      resource: { 'service.name': spec.name, 'k8s.namespace.name': ref.namespace, [kindKey]: spec.name },
      annotations: managed
        ? {
            [annotations.minReplicas]: '2',
            [annotations.maxReplicas]: '8',
            [annotations.maxMemoryBytes]: String(4 * 1024 ** 3),
            [annotations.maxCpuCores]: '2',
          }
        : {},
      resourceVersion: index + 1,
      generation: 1,
      observedGeneration: 1,
      replicas: spec.replicas,
      template: {
        revision: 1,
        hash: templateHash(seed, spec.name, 1),
        resources: { requests, limits },
        restartedAt: undefined,
        failing: 0,
      },
      pods: [],
      podsMade: 0,
      names: randomFrom(seed, 'pod-names', spec.name),
      load: { rate: 0, usualRate: 0, refused: 0, waitMs: 0, rejected: 0, slowness: 1 },
    };
  });
}

export function templateHash(seed: number, name: string, revision: number): string {
  const random = randomFrom(seed, 'template', name, revision);
  return Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
}

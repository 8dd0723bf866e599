import type { ClusterEvent, ClusterSnapshot, ContainerResources, PodState, WorkloadState } from '../cluster.ts';
import type { WorkloadRef } from '../entity.ts';

/**
 * What happened to a write. `unknown`: the call may or may not have taken effect (timeout, broken connection): read
 * back, never repeat blindly.
 */
export type WriteResult =
  | { readonly outcome: 'applied'; readonly resourceVersion: string }
  | { readonly outcome: 'conflict'; readonly detail: string }
  | { readonly outcome: 'refused'; readonly status: number; readonly reason: string; readonly detail: string }
  | { readonly outcome: 'unknown'; readonly detail: string };

export interface WriteOptions {
  /** The write happens only if the object still has this version. */
  readonly resourceVersion: string;
  /** Written into the annotation `kybern.dev/last-action`, so that an unknown outcome can be read back. */
  readonly actionId: string;
  /** Ask the server to check and not to do. */
  readonly dryRun?: boolean;
}

/** The cluster: a real API server through actuator/kubernetes, or the simulator. Both pass the same contract tests. */
export interface ClusterPort {
  readonly name: string;
  /** Everything, freshly listed. Rejects with KYBERN_CLUSTER. */
  snapshot(): Promise<ClusterSnapshot>;
  /**
   * Reports events and state changes until the signal aborts; survives broken connections and 410 by listing anew. A
   * report of no events says that something changed which only a look at the whole explains.
   * Resolves when the signal aborts.
   */
  watch(report: (events: readonly ClusterEvent[]) => void, signal: AbortSignal): Promise<void>;
  /** The live workload, or undefined if there is none. */
  workload(target: WorkloadRef): Promise<WorkloadState | undefined>;
  /** The live pods of a workload. */
  pods(target: WorkloadRef): Promise<readonly PodState[]>;
  /** Through the scale subresource. */
  scale(target: WorkloadRef, replicas: number, options: WriteOptions): Promise<WriteResult>;
  /** Changes the pod template: resources of a container, or a restart annotation, or both, in one write. */
  patchTemplate(target: WorkloadRef, patch: TemplatePatch, options: WriteOptions): Promise<WriteResult>;
  /** In place, through pods/resize. */
  resizePod(
    pod: { readonly namespace: string; readonly name: string },
    container: string,
    resources: ContainerResources,
    options: WriteOptions,
  ): Promise<WriteResult>;
  /** Tells people in the cluster: a Kubernetes Event on the target. Best effort. */
  announce(target: WorkloadRef, reason: string, message: string): Promise<void>;
}

export interface TemplatePatch {
  readonly resources?: { readonly container: string; readonly to: ContainerResources };
  /** RFC 3339 time for kubectl.kubernetes.io/restartedAt. */
  readonly restartedAt?: string;
}

/** The opt-in label, and the annotations by which an owner sets bounds. */
export const optInLabel = 'kybern.dev/managed';
export const annotations = {
  mode: 'kybern.dev/mode',
  minReplicas: 'kybern.dev/min-replicas',
  maxReplicas: 'kybern.dev/max-replicas',
  maxMemoryBytes: 'kybern.dev/max-memory-bytes',
  maxCpuCores: 'kybern.dev/max-cpu-cores',
  paused: 'kybern.dev/paused',
  lastAction: 'kybern.dev/last-action',
} as const;

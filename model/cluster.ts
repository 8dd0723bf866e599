import { type Static, Type } from 'typebox';
import type { EntityRef, WorkloadRef } from './entity.ts';

export const ResourceAmounts = Type.Object(
  {
    cpuCores: Type.Optional(Type.Number({ minimum: 0, description: 'CPU in cores.' })),
    memoryBytes: Type.Optional(Type.Number({ minimum: 0, description: 'Memory in bytes.' })),
  },
  { description: 'Amounts of CPU and memory; an absent one is not set.' },
);
export type ResourceAmounts = Static<typeof ResourceAmounts>;

export const ContainerResources = Type.Object(
  { requests: ResourceAmounts, limits: ResourceAmounts },
  { description: "One container's requests and limits." },
);
export type ContainerResources = Static<typeof ContainerResources>;

export interface ContainerState {
  readonly name: string;
  readonly resources: ContainerResources;
  readonly restarts: number;
  readonly ready: boolean;
  /** Reason of the last termination, such as OOMKilled or Error. */
  readonly lastTerminationReason?: string;
  readonly lastTerminatedAtMs?: number;
  /** Waiting reason, such as CrashLoopBackOff or ImagePullBackOff. */
  readonly waitingReason?: string;
}

export interface PodState {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  readonly startedAtMs: number;
  readonly node?: string;
  readonly owner?: WorkloadRef;
  readonly labels: Readonly<Record<string, string>>;
  readonly containers: readonly ContainerState[];
}

export interface NodeState {
  readonly name: string;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  readonly allocatable: ResourceAmounts;
  /** Types of conditions that are for the worse besides Ready: MemoryPressure, DiskPressure, PIDPressure; StorageReady where it is False. */
  readonly pressures: readonly string[];
  /** When its kubelet last renewed its lease; absent where leases cannot be read. */
  readonly heartbeatAtMs?: number;
}

export interface WorkloadState {
  readonly ref: WorkloadRef;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly replicas: number;
  readonly readyReplicas: number;
  readonly updatedReplicas: number;
  readonly containers: readonly { readonly name: string; readonly resources: ContainerResources }[];
  /** An HPA, KEDA or VPA that owns this target: then Kybern only recommends. */
  readonly otherScaler?: string;
}

export interface ClusterSnapshot {
  readonly atMs: number;
  readonly workloads: readonly WorkloadState[];
  readonly pods: readonly PodState[];
  readonly nodes: readonly NodeState[];
}

/** An alert that another system raised, as it stood when it was told. */
export interface AlertState {
  readonly name: string;
  readonly state: 'firing' | 'resolved';
  /** The alert's own word: critical, warning, page, …; '' where it has none. */
  readonly severity: string;
  /** Follows from the alert's labels: the same alert has it for ever. */
  readonly fingerprint: string;
  readonly startedAtMs: number;
  /** When it was over, for a resolved one. */
  readonly endedAtMs?: number;
  /** Where the rule can be seen. */
  readonly generatorUrl?: string;
}

/** A Kubernetes event or a state change seen in a watch: a fact with a reason, never by itself a ground to act. */
export interface ClusterEvent {
  /** Follows from object, reason and time, so that the same event seen twice is one. */
  readonly id: string;
  readonly atMs: number;
  readonly entity: EntityRef;
  /** Kubernetes reason: OOMKilled, BackOff, Evicted, NodeNotReady, ScalingReplicaSet, … */
  readonly reason: string;
  readonly type: 'Normal' | 'Warning';
  readonly message: string;
  /** Set where the event is a rollout or config change: a candidate trigger. */
  readonly change?: { readonly what: 'rollout' | 'scale' | 'config'; readonly by: string };
  /** Set where it was pushed from outside and not read from the cluster: its reason is then the sender's word. */
  readonly origin?: 'cloudevents' | 'alertmanager';
  readonly alert?: AlertState;
}

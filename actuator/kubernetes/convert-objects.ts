import type {
  V1Container,
  V1ContainerStatus,
  V1Deployment,
  V1Node,
  V1Pod,
  V1ResourceRequirements,
  V1StatefulSet,
} from '@kubernetes/client-node';
import {
  type ContainerResources,
  type ContainerState,
  isConditionOfHealth,
  type NodeState,
  type PodState,
  type ResourceAmounts,
  type WorkloadRef,
  type WorkloadState,
} from '../../model/index.ts';
import { formatCpu, formatMemory, parseQuantity } from './quantity.ts';

/** A Deployment or StatefulSet as the engine knows it. `otherScaler` is who else sets its replicas or resources. */
export function convertWorkload(
  kind: WorkloadRef['kind'],
  object: V1Deployment | V1StatefulSet,
  otherScaler: string | undefined,
): WorkloadState {
  const status = object.status;
  return {
    ref: { kind, namespace: object.metadata?.namespace ?? '', name: object.metadata?.name ?? '' },
    uid: object.metadata?.uid ?? '',
    resourceVersion: object.metadata?.resourceVersion ?? '',
    generation: object.metadata?.generation ?? 0,
    observedGeneration: status?.observedGeneration ?? 0,
    labels: object.metadata?.labels ?? {},
    annotations: object.metadata?.annotations ?? {},
    replicas: object.spec?.replicas ?? 1,
    readyReplicas: status?.readyReplicas ?? 0,
    updatedReplicas: status?.updatedReplicas ?? 0,
    containers: (object.spec?.template.spec?.containers ?? []).map(({ name, resources }) => ({
      name,
      resources: convertResources(resources),
    })),
    ...(otherScaler === undefined ? {} : { otherScaler }),
  };
}

export function convertPod(pod: V1Pod): PodState {
  const statuses = new Map((pod.status?.containerStatuses ?? []).map((status) => [status.name, status]));
  const owner = ownerOf(pod);
  return {
    namespace: pod.metadata?.namespace ?? '',
    name: pod.metadata?.name ?? '',
    uid: pod.metadata?.uid ?? '',
    resourceVersion: pod.metadata?.resourceVersion ?? '',
    phase: (pod.status?.phase ?? 'Unknown') as PodState['phase'],
    ready: pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false,
    startedAtMs: epochMs(pod.status?.startTime) ?? 0,
    ...(pod.spec?.nodeName === undefined ? {} : { node: pod.spec.nodeName }),
    ...(owner === undefined ? {} : { owner }),
    labels: pod.metadata?.labels ?? {},
    containers: (pod.spec?.containers ?? []).map((container) =>
      convertContainer(container, statuses.get(container.name)),
    ),
  };
}

/** `heartbeats`: when each node's kubelet renewed its lease, epoch milliseconds. */
export function convertNode(node: V1Node, heartbeats?: ReadonlyMap<string, number>): NodeState {
  const conditions = node.status?.conditions ?? [];
  const heartbeatAtMs = heartbeats?.get(node.metadata?.name ?? '');
  return {
    name: node.metadata?.name ?? '',
    ready: conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    unschedulable: node.spec?.unschedulable ?? false,
    allocatable: convertAmounts(node.status?.allocatable),
    pressures: conditions
      .filter(({ type, status }) => type !== 'Ready' && status === (isConditionOfHealth(type) ? 'False' : 'True'))
      .map(({ type }) => type),
    ...(heartbeatAtMs === undefined ? {} : { heartbeatAtMs }),
  };
}

/** Requests and limits as Kubernetes writes them; what is not given is left as it is on the object. */
export function resourcesBody(resources: ContainerResources): V1ResourceRequirements {
  return { requests: amountsBody(resources.requests), limits: amountsBody(resources.limits) };
}

// A ReplicaSet made by a Deployment is named after it and the hash that its pods carry as a label.
function ownerOf(pod: V1Pod): WorkloadRef | undefined {
  const namespace = pod.metadata?.namespace ?? '';
  const owner = pod.metadata?.ownerReferences?.find(({ controller }) => controller === true);
  if (owner === undefined) return undefined;
  if (owner.kind === 'StatefulSet') return { kind: 'StatefulSet', namespace, name: owner.name };
  const hash = pod.metadata?.labels?.['pod-template-hash'];
  if (owner.kind !== 'ReplicaSet' || hash === undefined || !owner.name.endsWith(`-${hash}`)) return undefined;
  return { kind: 'Deployment', namespace, name: owner.name.slice(0, -hash.length - 1) };
}

function convertContainer(container: V1Container, status: V1ContainerStatus | undefined): ContainerState {
  const terminated = status?.lastState?.terminated ?? status?.state?.terminated;
  const terminatedAtMs = epochMs(terminated?.finishedAt);
  const waitingReason = status?.state?.waiting?.reason;
  return {
    name: container.name,
    // In-place resizes live in the status; the spec is what was asked for.
    resources: convertResources(container.resources),
    restarts: status?.restartCount ?? 0,
    ready: status?.ready ?? false,
    ...(terminated?.reason === undefined ? {} : { lastTerminationReason: terminated.reason }),
    ...(terminatedAtMs === undefined ? {} : { lastTerminatedAtMs: terminatedAtMs }),
    ...(waitingReason === undefined ? {} : { waitingReason }),
  };
}

function convertResources(resources: V1ResourceRequirements | undefined): ContainerResources {
  return { requests: convertAmounts(resources?.requests), limits: convertAmounts(resources?.limits) };
}

function convertAmounts(amounts: Readonly<Record<string, string>> | undefined): ResourceAmounts {
  const cpuCores = parseQuantity(amounts?.cpu);
  const memoryBytes = parseQuantity(amounts?.memory);
  return { ...(cpuCores === undefined ? {} : { cpuCores }), ...(memoryBytes === undefined ? {} : { memoryBytes }) };
}

function amountsBody(amounts: ResourceAmounts): Record<string, string> {
  return {
    ...(amounts.cpuCores === undefined ? {} : { cpu: formatCpu(amounts.cpuCores) }),
    ...(amounts.memoryBytes === undefined ? {} : { memory: formatMemory(amounts.memoryBytes) }),
  };
}

function epochMs(time: Date | string | undefined): number | undefined {
  return time === undefined ? undefined : new Date(time).getTime();
}

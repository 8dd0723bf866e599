import type { ContainerState, NodeState, PodState, WorkloadState } from '../../model/index.ts';
import { updatedPods } from './rollout.ts';
import { isLeaving, type SimNode, type SimPod, type SimWorkload } from './world-state.ts';

/** The world's objects as the cluster port shows them. */
export function workloadView(workload: SimWorkload): WorkloadState {
  return {
    ref: workload.ref,
    uid: workload.uid,
    resourceVersion: String(workload.resourceVersion),
    generation: workload.generation,
    observedGeneration: workload.observedGeneration,
    labels: workload.labels,
    annotations: workload.annotations,
    replicas: workload.replicas,
    readyReplicas: workload.pods.filter((pod) => pod.ready).length,
    updatedReplicas: updatedPods(workload).length,
    containers: [{ name: workload.spec.name, resources: workload.template.resources }],
  };
}

export function podView(pod: SimPod): PodState {
  const { ref, labels } = pod.workload;
  return {
    namespace: ref.namespace,
    name: pod.name,
    uid: pod.uid,
    resourceVersion: String(pod.resourceVersion),
    phase: pod.phase === 'creating' && pod.restarts === 0 ? 'Pending' : 'Running',
    ready: pod.ready,
    startedAtMs: pod.createdMs,
    ...(pod.node === undefined ? {} : { node: pod.node.name }),
    owner: ref,
    labels: { ...labels, 'pod-template-hash': pod.template.hash },
    containers: [containerView(pod)],
  };
}

function containerView(pod: SimPod): ContainerState {
  const waitingReason =
    pod.phase === 'back-off' && pod.recentCrashes > 1
      ? 'CrashLoopBackOff'
      : pod.phase === 'creating'
        ? 'ContainerCreating'
        : undefined;
  return {
    name: pod.workload.spec.name,
    resources: pod.resources,
    restarts: pod.restarts,
    ready: pod.ready,
    ...(pod.lastTermination === undefined
      ? {}
      : { lastTerminationReason: pod.lastTermination.reason, lastTerminatedAtMs: pod.lastTermination.atMs }),
    ...(waitingReason === undefined ? {} : { waitingReason }),
  };
}

export function nodeView(node: SimNode): NodeState {
  return {
    name: node.name,
    ready: node.ready,
    unschedulable: false,
    allocatable: { cpuCores: node.cpuCores, memoryBytes: node.memoryBytes },
    pressures: node.memoryUsed > 0.95 * node.memoryBytes ? ['MemoryPressure'] : [],
  };
}

/** Pods that are not on their way out. */
export function livePods(workload: SimWorkload): SimPod[] {
  return workload.pods.filter((pod) => !isLeaving(pod));
}

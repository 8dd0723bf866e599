import { between, gaussian, nameSuffix } from './randomness.ts';
import {
  isLeaving,
  leakRetentionTicks,
  nextVersion,
  type SimNode,
  type SimPod,
  type SimWorkload,
  touchPod,
  type WorldState,
} from './world-state.ts';

/** How long a deleted pod still has to finish its work. */
const graceMs = 3000;

/** What a node has left by its pods' requests. */
function roomOn(node: SimNode, state: WorldState): { cpu: number; memory: number } {
  let cpu = node.cpuCores;
  let memory = node.memoryBytes;
  for (const workload of state.workloads) {
    for (const pod of workload.pods) {
      if (pod.node !== node) continue;
      cpu -= pod.resources.requests.cpuCores ?? 0;
      memory -= pod.resources.requests.memoryBytes ?? 0;
    }
  }
  return { cpu, memory };
}

/** Whether a node has room for these additional requests. */
export function hasRoom(node: SimNode, cpu: number, memory: number, state: WorldState): boolean {
  const room = roomOn(node, state);
  return room.cpu >= cpu && room.memory >= memory;
}

/** Spreads a workload's pods, then takes the node with the most room: the scheduler's default scores in short. */
export function schedule(pod: SimPod, state: WorldState): void {
  const cpu = pod.resources.requests.cpuCores ?? 0;
  const memory = pod.resources.requests.memoryBytes ?? 0;
  let best: SimNode | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const node of state.nodes) {
    if (!node.ready || node.downSinceMs !== undefined) continue;
    const room = roomOn(node, state);
    if (room.cpu < cpu || room.memory < memory) continue;
    const siblings = pod.workload.pods.filter((other) => other.node === node && !isLeaving(other)).length;
    const score = room.cpu / node.cpuCores - 2 * siblings;
    if (score > bestScore) [best, bestScore] = [node, score];
  }
  const entity = { kind: 'pod', namespace: pod.workload.ref.namespace, name: pod.name } as const;
  if (best === undefined) {
    if (!pod.unschedulableSaid) {
      const message = `0/${state.nodes.length} nodes are available: insufficient cpu or memory.`;
      state.report({ entity, reason: 'FailedScheduling', type: 'Warning', message });
    }
    pod.unschedulableSaid = true;
    return;
  }
  pod.node = best;
  pod.phaseEndsMs = state.nowMs + 1000 + Math.round(between(pod.workload.names, 500, 2000));
  Object.assign(pod.resource, { 'k8s.node.name': best.name });
  touchPod(state, pod);
  const message = `Successfully assigned ${entity.namespace}/${pod.name} to ${best.name}`;
  state.report({ entity, reason: 'Scheduled', type: 'Normal', message });
}

export function createPod(workload: SimWorkload, state: WorldState): SimPod {
  const { names, spec, template, ref } = workload;
  const suffix = nameSuffix(names, 5);
  const ordinal = firstFreeOrdinal(workload);
  const name = ref.kind === 'StatefulSet' ? `${ref.name}-${ordinal}` : `${ref.name}-${template.hash}-${suffix}`;
  workload.podsMade += 1;
  const pod: SimPod = {
    name,
    uid: `${workload.uid}-pod-${workload.podsMade}`,
    workload,
    template,
    resource: { ...workload.resource, 'k8s.pod.name': name, 'k8s.container.name': spec.name },
    createdMs: state.nowMs,
    weight: 1 + 0.03 * Math.max(-2, Math.min(2, gaussian(names))),
    resources: template.resources,
    resourceVersion: nextVersion(state),
    node: undefined,
    phase: 'creating',
    phaseEndsMs: Number.POSITIVE_INFINITY,
    containerStartedMs: 0,
    ready: false,
    endpointUntilMs: 0,
    deletedMs: undefined,
    restarts: 0,
    recentCrashes: 0,
    lastTermination: undefined,
    unschedulableSaid: false,
    memory: 0,
    garbage: 0,
    retained: 0,
    leaks: new Float64Array(leakRetentionTicks),
    rate: 0,
    cpuUsed: 0,
    utilisation: 0,
    throttled: 0,
    collecting: 0,
    waitMs: 0,
    backlogMs: 0,
    backlogCoreSeconds: 0,
    rejected: 0,
    meanDurationMs: 0,
    requests: 0,
    errors: 0,
    collectedSeconds: 0,
  };
  workload.pods.push(pod);
  schedule(pod, state);
  return pod;
}

function firstFreeOrdinal(workload: SimWorkload): number {
  let ordinal = 0;
  while (workload.pods.some((pod) => pod.name === `${workload.ref.name}-${ordinal}`)) ordinal++;
  return ordinal;
}

/** Begins the end of a pod: it leaves the endpoints at once and is gone after its grace. */
export function deletePod(pod: SimPod, state: WorldState): void {
  if (isLeaving(pod)) return;
  pod.deletedMs = state.nowMs;
  pod.ready = false;
  pod.endpointUntilMs = 0;
  touchPod(state, pod);
  const entity = { kind: 'pod', namespace: pod.workload.ref.namespace, name: pod.name } as const;
  state.report({ entity, reason: 'Killing', type: 'Normal', message: `Stopping container ${pod.workload.spec.name}` });
}

/** Takes away the pods whose grace is over. */
export function removeDeleted(workload: SimWorkload, state: WorldState): void {
  if (!workload.pods.some(isLeaving)) return;
  workload.pods = workload.pods.filter((pod) => pod.deletedMs === undefined || state.nowMs < pod.deletedMs + graceMs);
}

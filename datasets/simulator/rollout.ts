import { workloadEntity } from '../../model/index.ts';
import { createPod, deletePod, removeDeleted } from './pods.ts';
import { isLeaving, nextVersion, type SimPod, type SimWorkload, type WorldState } from './world-state.ts';

/**
 * One round of a workload's controller. Deployments roll with 25 % surge (rounded up) and 25 % unavailable (rounded
 * down), cleaning up unhealthy old pods first, after the Deployment controller of Kubernetes
 * (pkg/controller/deployment/rolling.go). StatefulSets replace one pod at a time under the same name.
 */
export function reconcile(workload: SimWorkload, state: WorldState): void {
  removeDeleted(workload, state);
  if (workload.observedGeneration !== workload.generation) {
    workload.observedGeneration = workload.generation;
    workload.resourceVersion = nextVersion(state);
  }
  const before = statusOf(workload);
  if (workload.ref.kind === 'Deployment') rollDeployment(workload, state);
  else rollStatefulSet(workload, state);
  if (statusOf(workload) !== before) workload.resourceVersion = nextVersion(state);
}

function statusOf(workload: SimWorkload): string {
  const ready = workload.pods.filter((pod) => pod.ready).length;
  return `${workload.pods.length}/${ready}/${updatedPods(workload).length}`;
}

export function updatedPods(workload: SimWorkload): SimPod[] {
  return workload.pods.filter((pod) => !isLeaving(pod) && pod.template === workload.template);
}

function rollDeployment(workload: SimWorkload, state: WorldState): void {
  const { replicas } = workload;
  const live = workload.pods.filter((pod) => !isLeaving(pod));
  const updated = live.filter((pod) => pod.template === workload.template);
  const old = live.filter((pod) => pod.template !== workload.template);
  const surge = Math.ceil(replicas / 4);
  const minAvailable = replicas - Math.floor(replicas / 4);

  const wanted = old.length === 0 ? replicas : Math.min(replicas, replicas + surge - old.length);
  for (let count = updated.length; count < wanted; count++) createPod(workload, state);
  if (updated.length > replicas)
    for (const pod of leastUseful(updated, updated.length - replicas)) deletePod(pod, state);
  if (old.length === 0) return;

  const notReadyUpdated = Math.max(updated.length, wanted) - updated.filter((pod) => pod.ready).length;
  const total = old.length + Math.max(updated.length, wanted);
  const unhealthy = old.filter((pod) => !pod.ready);
  for (const pod of unhealthy.slice(0, Math.max(0, total - minAvailable - notReadyUpdated))) deletePod(pod, state);
  const healthy = old.filter((pod) => pod.ready);
  const ready = live.filter((pod) => pod.ready).length;
  for (const pod of leastUseful(healthy, Math.max(0, ready - minAvailable))) deletePod(pod, state);
}

/** Those not ready first, then the youngest. */
function leastUseful(pods: readonly SimPod[], count: number): SimPod[] {
  return [...pods].sort((a, b) => Number(a.ready) - Number(b.ready) || b.createdMs - a.createdMs).slice(0, count);
}

function rollStatefulSet(workload: SimWorkload, state: WorldState): void {
  if (workload.pods.length < workload.replicas) createPod(workload, state);
  const live = workload.pods.filter((pod) => !isLeaving(pod));
  if (live.length > workload.replicas) deletePod(live[live.length - 1], state);
  const settled = live.length === workload.pods.length && live.every((pod) => pod.ready);
  const old = live.findLast((pod) => pod.template !== workload.template);
  if (old !== undefined && (settled || !old.ready)) deletePod(old, state);
}

/** What a controller tells when it is asked for a change. */
export function reportChange(
  workload: SimWorkload,
  state: WorldState,
  what: 'rollout' | 'scale',
  message: string,
  by: string,
): void {
  const entity = workloadEntity(workload.ref);
  const reason = workload.ref.kind === 'Deployment' ? 'ScalingReplicaSet' : 'SuccessfulCreate';
  state.report({ entity, reason, type: 'Normal', message, change: { what, by } });
}

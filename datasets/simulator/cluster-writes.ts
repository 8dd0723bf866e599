import {
  annotations,
  type ContainerResources,
  type ResourceAmounts,
  type TemplatePatch,
  type WorkloadRef,
  type WriteResult,
  workloadKey,
} from '../../model/index.ts';
import { livePods } from './cluster-views.ts';
import { hasRoom } from './pods.ts';
import { reportChange } from './rollout.ts';
import { nextVersion, type SimPod, type SimWorkload, templateHash, touchPod, type WorldState } from './world-state.ts';

/** A write that changes the world: with the seed and the start, what it takes to make the same world again. */
export type WorldWrite =
  | { readonly type: 'go-live' }
  | { readonly type: 'scale'; readonly target: WorkloadRef; readonly replicas: number; readonly actionId: string }
  | {
      readonly type: 'patch-template';
      readonly target: WorkloadRef;
      readonly patch: TemplatePatch;
      readonly actionId: string;
    }
  | {
      readonly type: 'resize-pod';
      readonly pod: { readonly namespace: string; readonly name: string };
      readonly resources: ContainerResources;
    };

export function findWorkload(state: WorldState, target: WorkloadRef): SimWorkload | undefined {
  const key = workloadKey(target);
  return state.workloads.find((workload) => workloadKey(workload.ref) === key);
}

export function findPod(state: WorldState, pod: { namespace: string; name: string }): SimPod | undefined {
  for (const workload of state.workloads) {
    if (workload.ref.namespace !== pod.namespace) continue;
    const found = livePods(workload).find((candidate) => candidate.name === pod.name);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function refused(status: number, reason: string, detail: string): WriteResult {
  return { outcome: 'refused', status, reason, detail };
}

/** The amounts of a patch over those there are: an absent one stays. */
export function mergeResources(from: ContainerResources, to: ContainerResources): ContainerResources {
  return { requests: { ...from.requests, ...to.requests }, limits: { ...from.limits, ...to.limits } };
}

/** The API server's validation: amounts not negative, no request above its limit. */
export function invalidResources(resources: ContainerResources): string | undefined {
  for (const key of ['cpuCores', 'memoryBytes'] as const) {
    const request = resources.requests[key];
    const limit = resources.limits[key];
    for (const amount of [request, limit]) {
      if (amount !== undefined && !(Number.isFinite(amount) && amount >= 0)) return `${key} must not be negative`;
    }
    if (request !== undefined && limit !== undefined && request > limit) {
      return `requests.${key} ${request} must be less than or equal to its limit ${limit}`;
    }
  }
  return undefined;
}

/** Kubernetes' quality-of-service class of a pod with one container. */
export function qosClass(resources: ContainerResources): 'Guaranteed' | 'Burstable' | 'BestEffort' {
  const { requests, limits } = resources;
  const set = (amounts: ResourceAmounts) => amounts.cpuCores !== undefined || amounts.memoryBytes !== undefined;
  if (!set(requests) && !set(limits)) return 'BestEffort';
  const same = (['cpuCores', 'memoryBytes'] as const).every(
    (key) => limits[key] !== undefined && (requests[key] ?? limits[key]) === limits[key],
  );
  return same ? 'Guaranteed' : 'Burstable';
}

/** Why this pod cannot be resized so, or undefined. */
export function resizeRefusal(
  pod: SimPod,
  container: string,
  to: ContainerResources,
  state: WorldState,
): WriteResult | undefined {
  if (container !== pod.workload.spec.name) return refused(422, 'Invalid', `pod has no container ${container}`);
  const resources = mergeResources(pod.resources, to);
  const invalid = invalidResources(resources);
  if (invalid !== undefined) return refused(422, 'Invalid', invalid);
  if (qosClass(resources) !== qosClass(pod.resources)) {
    return refused(422, 'Invalid', 'Pod QOS Class may not change as a result of resizing');
  }
  // The kubelet doesn't set a limit below what is in use.
  if ((resources.limits.memoryBytes ?? Number.POSITIVE_INFINITY) <= pod.memory) {
    return refused(422, 'Invalid', 'memory limit is below the current usage');
  }
  const cpu = (resources.requests.cpuCores ?? 0) - (pod.resources.requests.cpuCores ?? 0);
  const memory = (resources.requests.memoryBytes ?? 0) - (pod.resources.requests.memoryBytes ?? 0);
  if (pod.node !== undefined && !hasRoom(pod.node, cpu, memory, state)) {
    return refused(403, 'Forbidden', "node didn't have enough allocatable resources");
  }
  return undefined;
}

/** Makes a valid write take effect. Used by the port and by the replay of a journal alike. */
export function applyWrite(state: WorldState, write: Exclude<WorldWrite, { type: 'go-live' }>): number {
  if (write.type === 'resize-pod') {
    const pod = findPod(state, write.pod);
    if (pod === undefined) return state.resourceVersion;
    pod.resources = mergeResources(pod.resources, write.resources);
    touchPod(state, pod);
    const entity = { kind: 'pod', ...write.pod } as const;
    state.report({ entity, reason: 'ResizeCompleted', type: 'Normal', message: 'Pod resize completed' });
    return pod.resourceVersion;
  }
  const workload = findWorkload(state, write.target);
  if (workload === undefined) return state.resourceVersion;
  const before = workload.replicas;
  workload.annotations = { ...workload.annotations, [annotations.lastAction]: write.actionId };
  workload.resourceVersion = nextVersion(state);
  if (write.type === 'scale') {
    if (write.replicas === before) return workload.resourceVersion;
    workload.replicas = write.replicas;
    workload.generation += 1;
    const message = `Scaled ${workload.spec.name}-${workload.template.hash} from ${before} to ${write.replicas}`;
    reportChange(workload, state, 'scale', message, write.actionId);
    return workload.resourceVersion;
  }
  const { resources, restartedAt } = write.patch;
  const revision = workload.template.revision + 1;
  const hash = templateHash(state.seed, workload.spec.name, revision);
  workload.template = {
    ...workload.template,
    revision,
    hash,
    resources: resources ? mergeResources(workload.template.resources, resources.to) : workload.template.resources,
    restartedAt: restartedAt ?? workload.template.restartedAt,
  };
  workload.generation += 1;
  reportChange(workload, state, 'rollout', `Scaled up replica set ${workload.spec.name}-${hash} to 1`, write.actionId);
  return workload.resourceVersion;
}

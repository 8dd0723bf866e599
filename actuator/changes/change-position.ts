import type { Change, ContainerResources, PodState, ResourceAmounts, WorkloadState } from '../../model/index.ts';
import { annotations } from '../../model/index.ts';

/** What is live now, as far as a change is concerned. */
export interface LiveTarget {
  readonly workload: WorkloadState;
  readonly pods: readonly PodState[];
}

/** Where the live object stands as to a change: at what it started from, at what is wanted, or elsewhere. */
export type Position = 'from' | 'to' | 'other';

// What the API server stores may differ in the last digit: it keeps CPU in whole milli-cores and memory in whole bytes.
const cpuTolerance = 0.0006;
const memoryTolerance = 1;

function sameAmount(a: number | undefined, b: number | undefined, tolerance: number): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Math.abs(a - b) <= tolerance;
}

function sameAmounts(a: ResourceAmounts, b: ResourceAmounts): boolean {
  return sameAmount(a.cpuCores, b.cpuCores, cpuTolerance) && sameAmount(a.memoryBytes, b.memoryBytes, memoryTolerance);
}

export function sameResources(a: ContainerResources, b: ContainerResources): boolean {
  return sameAmounts(a.requests, b.requests) && sameAmounts(a.limits, b.limits);
}

/** Pods that a change in place has to do with: those that still run. */
export function livePods(pods: readonly PodState[]): readonly PodState[] {
  return pods.filter((pod) => pod.phase === 'Running' || pod.phase === 'Pending');
}

export function positionOf(change: Change, live: LiveTarget, actionId: string): Position {
  if (change.type === 'scale') {
    return live.workload.replicas === change.to ? 'to' : live.workload.replicas === change.from ? 'from' : 'other';
  }
  if (change.type === 'restart') {
    return live.workload.annotations[annotations.lastAction] === actionId ? 'to' : 'from';
  }
  const found =
    change.method === 'template'
      ? [resourcesOf(live.workload.containers, change.container)]
      : livePods(live.pods).map((pod) => resourcesOf(pod.containers, change.container));
  const positions = found.map((resources): Position => {
    if (resources === undefined) return 'other';
    return sameResources(resources, change.to) ? 'to' : sameResources(resources, change.from) ? 'from' : 'other';
  });
  if (positions.length === 0 || positions.includes('other')) return 'other';
  return positions.includes('from') ? 'from' : 'to';
}

/** All changes together: 'to' when every one is done, 'other' when one has moved elsewhere. */
export function positionOfAll(changes: readonly Change[], live: LiveTarget, actionId: string): Position {
  const positions = changes.map((change) => positionOf(change, live, actionId));
  if (positions.includes('other')) return 'other';
  return positions.every((position) => position === 'to') ? 'to' : 'from';
}

function resourcesOf(
  containers: readonly { readonly name: string; readonly resources: ContainerResources }[],
  name: string,
): ContainerResources | undefined {
  return containers.find((container) => container.name === name)?.resources;
}

import type { WorkloadView } from './workload-view.ts';

const shortOfMemoryShare = 0.8;

/**
 * Whether a pod is so near its memory limit that its CPU may go into looking for memory (garbage collection). That is no
 * load, and more replicas are no answer to it.
 */
export function isShortOfMemory({ pods }: Pick<WorkloadView, 'pods'>): boolean {
  return pods.some(({ pod, memory }) => {
    const limits = pod.containers.map(({ resources }) => resources.limits.memoryBytes);
    const limit = limits.reduce<number>((sum, bytes) => sum + (bytes ?? Number.NaN), 0);
    return memory !== undefined && limit > 0 && memory.value > shortOfMemoryShare * limit;
  });
}

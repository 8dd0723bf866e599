import { type ClusterSnapshot, entityKey, type ResourceAmounts } from '../../model/index.ts';

/** What the containers of each pod may use together, by pod key; an amount is absent where a container has no limit. */
export type ResourceLimits = Map<string, ResourceAmounts>;

export function observeLimits(limits: ResourceLimits, snapshot: ClusterSnapshot): void {
  for (const pod of snapshot.pods) {
    const amounts: { cpuCores?: number; memoryBytes?: number } = {};
    const all = pod.containers.map((container) => container.resources.limits);
    const memory = all.map((limit) => limit.memoryBytes ?? Number.NaN).reduce((sum, part) => sum + part, 0);
    const cpu = all.map((limit) => limit.cpuCores ?? Number.NaN).reduce((sum, part) => sum + part, 0);
    if (memory > 0) amounts.memoryBytes = memory;
    if (cpu > 0) amounts.cpuCores = cpu;
    limits.set(entityKey({ kind: 'pod', namespace: pod.namespace, name: pod.name }), amounts);
  }
}

import type { ContainerResources } from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';

const gibibyte = 1_073_741_824;

/** Cost of a workload for an hour: what its pods reserve (requests, else limits), times replicas. */
export function costPerHour(
  replicas: number,
  containers: readonly { readonly resources: ContainerResources }[],
  prices: TunerConfig['prices'],
): number {
  let perPod = 0;
  for (const { resources } of containers) {
    const cpu = resources.requests.cpuCores ?? resources.limits.cpuCores ?? 0;
    const memory = resources.requests.memoryBytes ?? resources.limits.memoryBytes ?? 0;
    perPod += cpu * prices.cpuCoreHour + (memory / gibibyte) * prices.memoryGibHour;
  }
  return replicas * perPod;
}

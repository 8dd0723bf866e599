import type { ContainerResources } from '../../model/index.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

/** A single container's quality-of-service class by Kubernetes' rule; in place the API server refuses to change it. */
export function qosClassOf({ requests, limits }: ContainerResources): QosClass {
  const amounts = [requests.cpuCores, requests.memoryBytes, limits.cpuCores, limits.memoryBytes];
  if (amounts.every((amount) => amount === undefined)) return 'BestEffort';
  const guaranteed = (['cpuCores', 'memoryBytes'] as const).every(
    (name) => limits[name] !== undefined && (requests[name] ?? limits[name]) === limits[name],
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

import type { ContainerResources } from '../../model/index.ts';

const mebibyte = 1_048_576;

/**
 * The same resources with a higher memory limit, rounded up to whole MiB. The request grows in proportion, so that a
 * Guaranteed pod stays Guaranteed and a Burstable one Burstable. Undefined where there is no limit or no room to raise.
 */
export function raiseMemoryLimit(
  resources: ContainerResources,
  wantedBytes: number,
  mostBytes: number,
): ContainerResources | undefined {
  const limit = resources.limits.memoryBytes;
  if (limit === undefined || !(limit > 0)) return undefined;
  const to = Math.min(
    Math.ceil(wantedBytes / mebibyte) * mebibyte,
    Math.floor(mostBytes / mebibyte) * mebibyte,
    2 * limit,
  );
  if (!(to > limit)) return undefined;
  const request = resources.requests.memoryBytes;
  if (request === undefined) return { requests: resources.requests, limits: { ...resources.limits, memoryBytes: to } };
  const scaled = request >= limit ? to : Math.round((request * to) / limit / mebibyte) * mebibyte;
  return {
    requests: { ...resources.requests, memoryBytes: Math.min(to, Math.max(request, scaled), 2 * request) },
    limits: { ...resources.limits, memoryBytes: to },
  };
}

/** The same resources with more CPU, in whole milli-cores; limits and requests by the same factor. */
export function raiseCpu(
  resources: ContainerResources,
  factor: number,
  mostCores: number,
): ContainerResources | undefined {
  const limit = resources.limits.cpuCores;
  if (limit === undefined || !(limit > 0)) return undefined;
  const to = milli(Math.min(limit * factor, mostCores));
  if (!(to > limit)) return undefined;
  const request = resources.requests.cpuCores;
  if (request === undefined) return { requests: resources.requests, limits: { ...resources.limits, cpuCores: to } };
  const scaled = request >= limit ? to : milli((request * to) / limit);
  return {
    requests: { ...resources.requests, cpuCores: Math.min(to, scaled) },
    limits: { ...resources.limits, cpuCores: to },
  };
}

function milli(cores: number): number {
  return Math.floor(cores * 1000 + 1e-6) / 1000;
}

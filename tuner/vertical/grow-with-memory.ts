import { annotations, type ContainerResources } from '../../model/index.ts';
import type { TunerConfig } from '../config.ts';
import { annotationNumber, type PodView, type WorkloadView } from '../observation/workload-view.ts';
import { baselineWishes, duration, mebibytes, percent } from '../proposals/describe.ts';
import type { Draft } from '../proposals/draft.ts';
import { costPerHour } from '../simulator/cost.ts';
import { type MemoryGrowth, memoryGrowth } from './memory-growth.ts';
import { raiseMemoryLimit } from './raise-memory.ts';

interface Pressed {
  readonly pod: PodView;
  readonly growth: MemoryGrowth;
  readonly secondsToLimit: number;
}

/**
 * More memory in place for a workload whose pods grow towards their limit: steadily for the trend time, and either near
 * the limit or to be there within the horizon. Never less memory. A workload with several limited containers is left
 * alone, since a pod's growth does not say whose it is.
 */
export function growWithMemory(view: WorkloadView, config: TunerConfig): Draft | undefined {
  const { workload, atMs, pods } = view;
  const limited = workload.containers.filter(({ resources }) => resources.limits.memoryBytes !== undefined);
  if (!view.listed || view.rollingOut || limited.length !== 1 || pods.length === 0) return undefined;
  const [{ name }] = limited;
  const live = commonResources(pods, name);
  const limit = live?.limits.memoryBytes;
  if (live === undefined || limit === undefined) return undefined;
  const pressed = mostPressed(pods, limit, atMs, config);
  if (pressed === undefined) return undefined;
  const { vertical } = config;
  const most = annotationNumber(workload, annotations.maxMemoryBytes) ?? vertical.maxMemoryBytes;
  const ahead = pressed.growth.bytes + 2 * vertical.horizonSeconds * pressed.growth.bytesPerSecond;
  const to = raiseMemoryLimit(live, Math.max(limit * vertical.upFactor, ahead), most);
  if (to === undefined) return undefined;
  const { growth, secondsToLimit, pod } = pressed;
  return {
    target: workload.ref,
    changes: [{ type: 'resources', method: 'in-place', container: name, from: live, to }],
    source: 'forecast',
    reasons: [
      `memory of ${pod.pod.name} grows towards its limit: ${mebibytes(growth.bytes)} of ${mebibytes(limit)} (${percent(growth.bytes / limit)}), at the limit in ${duration(secondsToLimit)}`,
      `it has grown by ${mebibytes(growth.bytesPerSecond * 60)} a minute for ${duration(growth.heldSeconds)} and more`,
      `the limit goes from ${mebibytes(limit)} to ${mebibytes(to.limits.memoryBytes ?? limit)}, in place, without a restart`,
    ],
    forecast: {
      metric: `memory bytes of ${pod.pod.name}`,
      horizonSeconds: vertical.horizonSeconds,
      now: growth.bytes,
      expected: growth.bytes + growth.bytesPerSecond * vertical.horizonSeconds,
      upper: ahead,
    },
    cost: {
      before: costPerHour(workload.replicas, withResources(workload.containers, name, live), config.prices),
      after: costPerHour(workload.replicas, withResources(workload.containers, name, to), config.prices),
    },
    baselines: baselineWishes(view, config),
    risk: 'low',
  };
}

function mostPressed(
  pods: readonly PodView[],
  limit: number,
  atMs: number,
  { vertical }: TunerConfig,
): Pressed | undefined {
  let most: Pressed | undefined;
  for (const pod of pods) {
    if (pod.track?.memory === undefined || pod.memory === undefined) continue;
    const growth = memoryGrowth(pod.track.memory, atMs, vertical.trendSeconds);
    // More than the limit is no reading of this container's memory.
    if (growth === undefined || growth.bytes > 1.05 * limit) continue;
    const secondsToLimit = Math.max(0, limit - growth.bytes) / growth.bytesPerSecond;
    const near = growth.bytes > vertical.usageRatio * limit || secondsToLimit < vertical.horizonSeconds;
    if (near && (most === undefined || secondsToLimit < most.secondsToLimit)) most = { pod, growth, secondsToLimit };
  }
  return most;
}

function withResources(
  containers: WorkloadView['workload']['containers'],
  name: string,
  resources: ContainerResources,
): WorkloadView['workload']['containers'] {
  return containers.map((container) => (container.name === name ? { name, resources } : container));
}

/** What all pods of the workload have set for a container; undefined where they differ. */
export function commonResources(pods: readonly PodView[], container: string): ContainerResources | undefined {
  const all = pods.map(({ pod }) => pod.containers.find(({ name }) => name === container)?.resources);
  const first = all[0];
  if (first === undefined) return undefined;
  const text = resourcesText(first);
  return all.every((resources) => resources !== undefined && resourcesText(resources) === text) ? first : undefined;
}

function resourcesText({ requests, limits }: ContainerResources): string {
  return [requests.cpuCores, requests.memoryBytes, limits.cpuCores, limits.memoryBytes].join();
}

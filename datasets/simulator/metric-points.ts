import type { Random } from '../../model/index.ts';
import type { Attributes, MetricPoint } from '../telemetry-frame.ts';
import { callTimeoutMs } from './latency.ts';
import { gaussian } from './randomness.ts';
import { isLeaving, type SimPod, type SimWorkload, type WorldState } from './world-state.ts';

const none: Attributes = {};

type Put = (name: string, unit: string, value: number, resource: Attributes, startMs?: number) => void;

/**
 * The metrics of kubelet, cluster and applications, under OpenTelemetry's names where it has one. What is measured by
 * sampling (CPU, memory, durations) carries about 1 % of noise.
 */
export function clusterMetrics(state: WorldState, random: Random): MetricPoint[] {
  const points: MetricPoint[] = [];
  const put: Put = (name, unit, value, resource, startMs) => {
    const timeMs = state.nowMs;
    points.push(
      startMs === undefined
        ? { name, unit, kind: 'gauge', timeMs, value, resource, attributes: none }
        : { name, unit, kind: 'counter', timeMs, startMs, value, resource, attributes: none },
    );
  };
  const noisy = (value: number, share: number) => value * (1 + share * gaussian(random));
  for (const workload of state.workloads) {
    workloadMetrics(workload, put);
    for (const pod of workload.pods) {
      if (isLeaving(pod) || pod.node === undefined || pod.node.downSinceMs !== undefined) continue;
      podMetrics(pod, put, noisy);
      if (pod.phase !== 'running') continue;
      if (workload.spec.role === 'service') serviceMetrics(pod, put, noisy);
      else storeMetrics(pod, state, put, noisy);
    }
  }
  for (const node of state.nodes) {
    put('k8s.node.condition_ready', '', node.ready ? 1 : 0, node.resource);
    if (node.downSinceMs !== undefined) continue;
    put('k8s.node.cpu.usage', '{cpu}', noisy(Math.min(node.cpuUsed, node.cpuCores), 0.01), node.resource);
    put('k8s.node.memory.working_set', 'By', Math.round(noisy(node.memoryUsed, 0.002)), node.resource);
  }
  return points;
}

function workloadMetrics(workload: SimWorkload, put: Put): void {
  const kind = workload.ref.kind === 'Deployment' ? 'deployment' : 'statefulset';
  const ready = workload.pods.filter((pod) => pod.ready).length;
  put(
    `k8s.${kind}.${kind === 'deployment' ? 'desired' : 'desired_pods'}`,
    '{pod}',
    workload.replicas,
    workload.resource,
  );
  put(`k8s.${kind}.${kind === 'deployment' ? 'available' : 'ready_replicas'}`, '{pod}', ready, workload.resource);
}

function podMetrics(pod: SimPod, put: Put, noisy: (value: number, share: number) => number): void {
  const { resource, resources } = pod;
  put('k8s.container.ready', '', pod.ready ? 1 : 0, resource);
  put('k8s.container.restarts', '{restart}', pod.restarts, resource);
  put('k8s.container.cpu_request', '{cpu}', resources.requests.cpuCores ?? 0, resource);
  put('k8s.container.memory_request', 'By', resources.requests.memoryBytes ?? 0, resource);
  put('k8s.container.memory_limit', 'By', resources.limits.memoryBytes ?? 0, resource);
  if (pod.phase !== 'running' && pod.phase !== 'starting') return;
  put('k8s.pod.cpu.usage', '{cpu}', noisy(pod.cpuUsed, 0.01), resource);
  put('k8s.pod.memory.working_set', 'By', Math.round(noisy(pod.memory, 0.002)), resource);
  put('k8s.pod.cpu.throttled_ratio', '1', pod.throttled, resource);
}

function serviceMetrics(pod: SimPod, put: Put, noisy: (value: number, share: number) => number): void {
  const { resource, containerStartedMs: since } = pod;
  put('http.server.requests', '{request}', Math.floor(pod.requests), resource, since);
  put('http.server.errors', '{request}', Math.floor(pod.errors), resource, since);
  // The mean of a hundred or so spread durations is itself spread by some percent.
  put('http.server.request.duration', 's', noisy(pod.meanDurationMs / 1000, 0.03), resource);
  put('jvm.gc.time', 's', pod.collectedSeconds, resource, since);
}

function storeMetrics(pod: SimPod, state: WorldState, put: Put, noisy: (value: number, share: number) => number): void {
  const { resource } = pod;
  if (pod.workload.spec.role === 'database') {
    // Little's law on top of what the pools keep open.
    const busy = (pod.rate * Math.min(callTimeoutMs, pod.meanDurationMs)) / 1000;
    put('db.client.connections.usage', '{connection}', 24 + Math.max(0, Math.round(noisy(busy, 0.15))), resource);
    put('db.queries', '{query}', Math.floor(pod.requests), resource, pod.containerStartedMs);
    put('db.query.duration', 's', noisy(pod.meanDurationMs / 1000, 0.03), resource);
  }
  if (pod.workload.spec.role === 'cache') {
    put('cache.hit_ratio', '1', Math.min(1, state.cacheHitRatio), resource);
    put('cache.operations', '{operation}', Math.floor(pod.requests), resource, pod.containerStartedMs);
  }
  if (pod.workload.spec.role === 'queue') {
    put('messaging.queue.depth', '{message}', Math.max(0, Math.round(noisy(state.queueDepth, 0.1))), resource);
    put('messaging.queue.published', '{message}', Math.floor(pod.requests), resource, pod.containerStartedMs);
  }
}

import { expect, test } from 'vitest';
import type { Labels } from './labels.ts';
import type { BadDirection, SignalKind } from './signal-kind.ts';
import { badDirectionOf, signalOfSeries } from './signal-of-series.ts';

const of = (name: string, labels: Labels = [], kind: 'gauge' | 'counter' = 'gauge') => {
  const signal = signalOfSeries({ name, kind, labels });
  return [signal, badDirectionOf({ name, labels }, signal)];
};

test.each<[string, SignalKind, BadDirection, Labels?]>([
  ['node_memory_MemFree_bytes', 'memory', 'down'],
  ['node_memory_MemAvailable_bytes', 'memory', 'down'],
  ['k8s.node.memory.available', 'memory', 'down'],
  ['node_filesystem_avail_bytes', 'disk', 'down'],
  ['kubelet_volume_stats_available_bytes', 'disk', 'down'],
  ['k8s.node.filesystem.available', 'disk', 'down'],
  ['node_filesystem_files_free', 'disk', 'down'],
  ['system.memory.usage', 'memory', 'down', [['state', 'free']]],
  ['system.filesystem.usage', 'disk', 'down', [['system.filesystem.state', 'free']]],
  ['node_cpu_seconds_total', 'cpu', 'down', [['mode', 'idle']]],
  ['node_cpu_seconds_total', 'cpu', 'up', [['mode', 'user']]],
  ['system.memory.usage', 'memory', 'up', [['state', 'used']]],
  ['container_memory_working_set_bytes', 'memory', 'up'],
  ['idle_connection_errors_total', 'errors', 'up'],
  ['kube_deployment_status_replicas_available', 'readiness', 'down'],
  ['kube_deployment_status_replicas_unavailable', 'readiness', 'up'],
])('%s says %s, and %s is bad', (name, signal, direction, labels = []) => {
  expect(of(name, labels)).toEqual([signal, direction]);
});

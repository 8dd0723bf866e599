import { describe, expect, test } from 'vitest';
import { canonicalLabels, type SeriesKind } from '../../model/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { roleOf } from './metric-roles.ts';
import { nodeNaming, nodeOfSeries } from './node-name.ts';

const catalog = createMemoryCatalog();
const series = (name: string, labels: Readonly<Record<string, string>>, kind: SeriesKind = 'gauge') =>
  catalog.get(
    catalog.intern({ name, labels: canonicalLabels(Object.entries(labels)), kind, unit: '', origin: 'received' }),
  );
const exporter = {
  instance: '10.0.0.7:9100',
  namespace: 'monitoring',
  pod: 'node-exporter-x',
  service: 'node-exporter',
};

describe('the node a series is about', () => {
  test.each([
    ['node_memory_MemAvailable_bytes', exporter, '10.0.0.7'],
    ['node_memory_MemAvailable_bytes', { ...exporter, node: 'n1' }, 'n1'],
    ['kube_node_status_condition', { node: 'n1', instance: '10.0.0.9:8080', pod: 'kube-state-metrics-0' }, 'n1'],
    ['system.memory.usage', { 'host.name': 'n1', 'service.name': 'otel-collector' }, 'n1'],
    ['k8s.node.memory.available', { 'k8s.node.name': 'n1' }, 'n1'],
    ['container_fs_usage_bytes', { id: '/', instance: '[fd00::1]:10250' }, 'fd00::1'],
    ['container_fs_usage_bytes', { id: '/kubepods/pod1', pod: 'cart-1', instance: 'n1:10250' }, undefined],
    ['http_requests_total', { pod: 'cart-1', node: 'n1' }, undefined],
  ])('%s %j', (name, labels, node) => {
    expect(nodeOfSeries(series(name, labels))).toBe(node);
  });

  test('an address gets its name from the series that know both', () => {
    expect(nodeNaming(series('node_uname_info', { ...exporter, nodename: 'n1' }))).toEqual({
      kind: 'naming',
      address: '10.0.0.7',
      name: 'n1',
      by: 'node_uname_info',
    });
    expect(nodeNaming(series('kube_node_info', { internal_ip: '10.0.0.7', node: 'n1' }))).toEqual({
      kind: 'naming',
      address: '10.0.0.7',
      name: 'n1',
      by: 'kube_node_info',
    });
  });
});

describe('what a series of a node is good for', () => {
  const root = { ...exporter, mountpoint: '/', fstype: 'ext4', device: '/dev/sda1' };
  test.each([
    ['node_filesystem_avail_bytes', root, { resource: 'disk', place: '/', part: 'free' }],
    ['node_filesystem_files', root, { resource: 'inodes', place: '/', part: 'capacity' }],
    ['node_processes_pids', exporter, { resource: 'pids', place: '', part: 'used' }],
    ['system.filesystem.usage', { mountpoint: '/data', type: 'xfs', state: 'free' }, { place: '/data', part: 'free' }],
    [
      'system.filesystem.usage',
      { 'system.filesystem.mountpoint': '/data', 'system.filesystem.type': 'xfs', 'system.filesystem.state': 'free' },
      { place: '/data', part: 'free' },
    ],
    [
      'container_fs_usage_bytes',
      { id: '/', device: '/dev/sda1' },
      { resource: 'disk', place: '/dev/sda1', part: 'used' },
    ],
    // OpenTelemetry's metrics as they come out of a Prometheus.
    ['system_filesystem_usage_bytes', { mountpoint: '/', type: 'xfs', state: 'free' }, { place: '/', part: 'free' }],
    ['system_filesystem_inodes_usage', { mountpoint: '/', type: 'xfs', state: 'used' }, { resource: 'inodes' }],
    ['system_memory_usage_bytes', { state: 'cached' }, { resource: 'memory', part: 'free' }],
    ['k8s_node_memory_available_bytes', {}, { resource: 'memory', part: 'free' }],
    ['k8s_node_filesystem_capacity_bytes', {}, { resource: 'disk', part: 'capacity' }],
    ['k8s_node_condition_ready', {}, { kind: 'condition', condition: 'Ready', holds: 0 }],
    ['system_disk_operation_time_seconds_total', { device: 'sda' }, { kind: 'health', direction: 1 }],
    ['system_cpu_load_average_1m', {}, { kind: 'health' }],
    ['node_filesystem_readonly', root, { kind: 'count', sign: 'kernel' }],
    ['system.memory.usage', { state: 'cached' }, { resource: 'memory', part: 'free' }],
    ['system.memory.usage', { state: 'used' }, { resource: 'memory', part: 'used' }],
    ['kube_node_status_condition', { condition: 'Ready', status: 'true' }, { kind: 'condition', holds: 0 }],
    ['kube_node_status_condition', { condition: 'DiskPressure', status: 'true' }, { kind: 'condition', holds: 1 }],
    // What Amazon's node monitoring agent sets is true of a node that is well.
    [
      'kube_node_status_condition',
      { condition: 'StorageReady', status: 'false' },
      { kind: 'condition', condition: 'StorageReady', holds: 1 },
    ],
    ['k8s.node.condition_storage_ready', {}, { kind: 'condition', condition: 'StorageReady', holds: 0 }],
    ['k8s.node.condition_pid_pressure', {}, { kind: 'condition', condition: 'PIDPressure', holds: 1 }],
    ['node_boot_time_seconds', exporter, { kind: 'start', sign: 'restart' }],
    ['node_vmstat_oom_kill', exporter, { kind: 'count', sign: 'oom' }],
    // A container killed at its own limit is none of the kernel's faults.
    ['problem_counter', { reason: 'OOMKilling' }, { kind: 'count', sign: 'oom' }],
    ['problem_counter', { reason: 'TaskHung' }, { kind: 'count', sign: 'kernel' }],
    ['problem_counter', { reason: 'KubeletStart' }, { kind: 'count', sign: 'restart' }],
    ['node_disk_write_time_seconds_total', exporter, { kind: 'health', direction: 1 }],
  ])('%s %j', (name, labels, role) => {
    expect(roleOf(series(name, labels))).toMatchObject(role);
  });

  test.each([
    ['node_filesystem_avail_bytes', { ...root, fstype: 'tmpfs', mountpoint: '/run' }],
    ['node_filesystem_avail_bytes', { ...root, mountpoint: '/var/lib/kubelet/pods/1/volumes' }],
    ['kube_node_status_condition', { condition: 'Ready', status: 'unknown' }],
    ['kube_node_status_condition', { condition: 'StorageReady', status: 'true' }],
    ['node_filesystem_readonly', { ...root, mountpoint: '/var/lib/kubelet/pods/1/volumes' }],
    ['container_fs_usage_bytes', { id: '/', device: 'tmpfs' }],
    ['container_fs_usage_bytes', { id: '/', device: '/dev/shm' }],
    ['container_fs_usage_bytes', { id: '/', device: 'overlay_0-43' }],
    ['node_memory_Buffers_bytes', exporter],
  ])('%s %j is of no use', (name, labels) => {
    expect(roleOf(series(name, labels))).toBeUndefined();
  });
});

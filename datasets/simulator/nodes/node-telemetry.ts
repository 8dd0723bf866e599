import type { SeriesIdentity, SeriesKind } from '../../../model/index.ts';
import type { NodeReading } from './node-reading.ts';

/** Who measures a node: the exporters and receivers that are in use, with their own names. */
export const nodeVocabularies = ['node-exporter', 'otel-host', 'kubeletstats'] as const;
export type NodeVocabulary = (typeof nodeVocabularies)[number];

export interface NodeMetric {
  readonly identity: SeriesIdentity;
  /** Whether it comes from elsewhere than the machine, and so outlives it. */
  readonly outside: boolean;
  read(reading: NodeReading): number;
}

export interface NodeSize {
  readonly diskBytes: number;
  readonly memoryBytes: number;
}

const inodes = 6_553_600;
const mostPids = 32_768;
const diskOperations = 120;

/** The series of one node in one vocabulary. Counters go on for ever. */
export function nodeMetrics(node: string, address: string, size: NodeSize, vocabulary: NodeVocabulary): NodeMetric[] {
  const metrics: NodeMetric[] = [];
  const put = (
    name: string,
    labels: Readonly<Record<string, string>>,
    read: NodeMetric['read'],
    kind: SeriesKind = 'gauge',
    outside = false,
  ) => {
    const sorted = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
    metrics.push({ identity: { name, labels: sorted, kind, unit: '', origin: 'received' }, outside, read });
  };
  const { diskBytes, memoryBytes } = size;
  if (vocabulary === 'node-exporter') exporterMetrics(put, node, address, size);
  else {
    const host = { 'host.name': node };
    const cgroup = { id: '/', instance: `${address}:10250`, node };
    put('container_threads', cgroup, ({ pids }) => Math.round(pids * mostPids));
    put('container_threads_max', cgroup, () => mostPids);
    put('k8s.node.condition_ready', { 'k8s.node.name': node }, ({ ready }) => (ready ? 1 : 0), 'gauge', true);
    if (vocabulary === 'otel-host') {
      const disk = { ...host, device: '/dev/sda1', mountpoint: '/', type: 'ext4', mode: 'rw' };
      put('system.filesystem.usage', { ...disk, state: 'used' }, (of) => of.disk * 0.95 * diskBytes);
      put('system.filesystem.usage', { ...disk, state: 'free' }, (of) => (1 - of.disk) * 0.95 * diskBytes);
      put('system.filesystem.usage', { ...disk, state: 'reserved' }, () => 0.05 * diskBytes);
      put('system.filesystem.inodes.usage', { ...disk, state: 'used' }, (of) => Math.round(of.inodes * inodes));
      put('system.filesystem.inodes.usage', { ...disk, state: 'free' }, (of) => Math.round((1 - of.inodes) * inodes));
      put('system.memory.usage', { ...host, state: 'used' }, (of) => of.memory * memoryBytes);
      put('system.memory.usage', { ...host, state: 'free' }, (of) => 0.4 * (1 - of.memory) * memoryBytes);
      put('system.memory.usage', { ...host, state: 'cached' }, (of) => 0.6 * (1 - of.memory) * memoryBytes);
      put('system.cpu.load_average.1m', host, ({ load }) => load);
      let waited = 0;
      put(
        'system.disk.operation_time',
        { ...host, device: 'sda', direction: 'write' },
        ({ diskWait }) => {
          waited += 60 * diskOperations * 0.002 * diskWait;
          return waited;
        },
        'counter',
      );
    } else {
      const named = { 'k8s.node.name': node };
      put('k8s.node.filesystem.available', named, (of) => (1 - of.disk) * diskBytes);
      put('k8s.node.filesystem.capacity', named, () => diskBytes);
      put('k8s.node.memory.available', named, (of) => (1 - of.memory) * memoryBytes);
      put('k8s.node.memory.working_set', named, (of) => of.memory * memoryBytes);
      put('container_fs_inodes_free', { ...cgroup, device: '/dev/sda1' }, (of) => Math.round((1 - of.inodes) * inodes));
      put('container_fs_inodes_total', { ...cgroup, device: '/dev/sda1' }, () => inodes);
    }
  }
  return metrics;
}

type Put = (
  name: string,
  labels: Readonly<Record<string, string>>,
  read: NodeMetric['read'],
  kind?: SeriesKind,
  outside?: boolean,
) => void;

function exporterMetrics(put: Put, node: string, address: string, { diskBytes, memoryBytes }: NodeSize): void {
  const scraped = {
    instance: `${address}:9100`,
    job: 'node-exporter',
    namespace: 'monitoring',
    pod: `node-exporter-${node}`,
  };
  const disk = { ...scraped, device: '/dev/nvme0n1p1', fstype: 'ext4', mountpoint: '/' };
  const runtime = { ...scraped, device: 'tmpfs', fstype: 'tmpfs', mountpoint: '/run' };
  put('node_uname_info', { ...scraped, nodename: node, sysname: 'Linux' }, () => 1);
  put('node_filesystem_avail_bytes', disk, (of) => (1 - of.disk) * diskBytes);
  put('node_filesystem_size_bytes', disk, () => diskBytes);
  put('node_filesystem_files_free', disk, (of) => Math.round((1 - of.inodes) * inodes));
  put('node_filesystem_files', disk, () => inodes);
  put('node_filesystem_avail_bytes', runtime, () => 0.02 * memoryBytes);
  put('node_memory_MemAvailable_bytes', scraped, (of) => (1 - of.memory) * memoryBytes);
  put('node_memory_MemTotal_bytes', scraped, () => memoryBytes);
  put('node_processes_pids', scraped, ({ pids }) => Math.round(pids * mostPids));
  put('node_processes_max_processes', scraped, () => mostPids);
  put('node_load1', scraped, ({ load }) => load);
  put('node_boot_time_seconds', scraped, ({ bootMs }) => Math.round(bootMs / 1000));
  put('node_vmstat_oom_kill', scraped, ({ oomKills }) => oomKills, 'counter');
  put('node_edac_correctable_errors_total', { ...scraped, controller: '0' }, (of) => of.correctedErrors, 'counter');
  let waited = 0;
  const wait = ({ diskWait }: NodeReading) => {
    waited += 60 * diskOperations * 0.002 * diskWait;
    return waited;
  };
  put('node_disk_write_time_seconds_total', { ...scraped, device: 'nvme0n1' }, wait, 'counter');
  for (const [condition, holds] of [
    ['Ready', (of: NodeReading) => of.ready],
    ['MemoryPressure', (of: NodeReading) => of.pressures.includes('MemoryPressure')],
    ['DiskPressure', (of: NodeReading) => of.pressures.includes('DiskPressure')],
    ['PIDPressure', (of: NodeReading) => of.pressures.includes('PIDPressure')],
  ] as const) {
    const labels = {
      condition,
      node,
      status: 'true',
      job: 'kube-state-metrics',
      namespace: 'monitoring',
      pod: 'kube-state-metrics-0',
    };
    put('kube_node_status_condition', labels, (of) => (holds(of) ? 1 : 0), 'gauge', true);
  }
}

import {
  badDirection,
  firstLabel,
  isConditionOfHealth,
  labelValue,
  type SeriesDefinition,
  signalKindOf,
} from '../../model/index.ts';
import { isRootCgroup } from './node-name.ts';
import { type SignKind, signOfReason } from './signs.ts';

/** What a node can run out of. */
export const resources = ['disk', 'inodes', 'memory', 'pids', 'connections', 'files'] as const;
export type Resource = (typeof resources)[number];

/** How a reading enters a resource: what is left, what is taken, or all there is. */
export type Part = 'free' | 'used' | 'capacity';

/** What a series of a node is good for here. */
export type MetricRole =
  | {
      readonly kind: 'resource';
      readonly resource: Resource;
      /** Which one of several: a mount point; '' where a node has one. */
      readonly place: string;
      /** Who tells it: parts of one sender belong together, those of two do not. */
      readonly family: string;
      readonly part: Part;
    }
  /** A condition: `holds` is the value that is for the worse. */
  | { readonly kind: 'condition'; readonly condition: string; readonly holds: 0 | 1 }
  /** A start time: a change means that it was started again. */
  | { readonly kind: 'start'; readonly sign: SignKind }
  /** A count of mishaps: its growth counts. */
  | { readonly kind: 'count'; readonly sign: SignKind }
  /** A series whose forecast error is watched; `direction` is for the worse. */
  | { readonly kind: 'health'; readonly direction: 1 | -1 };

const noDisk = /^(tmpfs|devtmpfs|overlay|squashfs|ramfs|iso9660|nsfs|proc|sysfs|autofs|fuse\..*|nfs.*|cifs|ceph)$/;
const noPlace =
  /^\/(var\/lib\/(kubelet\/(pods|plugins)|docker|containers?|containerd)\/.+|run(\/|$)|sys|proc|dev(\/|$)|snap\/)/;

/** What cAdvisor calls the device of a file system that is none of a disk. */
const noDevice = /^(tmpfs|devtmpfs|shm|udev|none|overlay.*|\/(run|dev\/shm)(\/.*)?)$/;

/** OpenTelemetry's `state` of memory that can be had without harm. */
const reclaimable = /^(free|cached|buffered|inactive|slab_reclaimable)$/;

/**
 * Names are matched as Prometheus writes them, without OpenTelemetry's unit: `system_filesystem_usage` of
 * `system.filesystem.usage` and of `system_filesystem_usage_bytes`.
 */
function plainName(name: string): string {
  const plain = name.replaceAll('.', '_');
  return /^(system|k8s_node)_/.test(plain) ? plain.replace(/(_bytes|_seconds)?(_total)?$/, '') : plain;
}

const parts: readonly (readonly [name: RegExp, resource: Resource, part: Part])[] = [
  [/^node_filesystem_avail_bytes$/, 'disk', 'free'],
  [/^node_filesystem_size_bytes$/, 'disk', 'capacity'],
  [/^node_filesystem_files_free$/, 'inodes', 'free'],
  [/^node_filesystem_files$/, 'inodes', 'capacity'],
  [/^k8s_node_filesystem_available$/, 'disk', 'free'],
  [/^k8s_node_filesystem_usage$/, 'disk', 'used'],
  [/^k8s_node_filesystem_capacity$/, 'disk', 'capacity'],
  [/^container_fs_usage_bytes$/, 'disk', 'used'],
  [/^container_fs_limit_bytes$/, 'disk', 'capacity'],
  [/^container_fs_inodes_free$/, 'inodes', 'free'],
  [/^container_fs_inodes_total$/, 'inodes', 'capacity'],
  [/^node_memory_MemAvailable_bytes$/, 'memory', 'free'],
  [/^node_memory_MemTotal_bytes$/, 'memory', 'capacity'],
  [/^(k8s_node_memory_available|system_linux_memory_available)$/, 'memory', 'free'],
  [
    /^(k8s_node_memory_working_set|container_memory_working_set_bytes|node_memory_working_set_bytes)$/,
    'memory',
    'used',
  ],
  [/^(machine_memory_bytes|system_memory_limit)$/, 'memory', 'capacity'],
  [/^node_processes_(pids|threads)$/, 'pids', 'used'],
  [/^node_processes_max_(processes|threads)$/, 'pids', 'capacity'],
  [/^container_threads$/, 'pids', 'used'],
  [/^container_threads_max$/, 'pids', 'capacity'],
  [/^node_nf_conntrack_entries$/, 'connections', 'used'],
  [/^node_nf_conntrack_entries_limit$/, 'connections', 'capacity'],
  [/^node_filefd_allocated$/, 'files', 'used'],
  [/^node_filefd_maximum$/, 'files', 'capacity'],
];

const counts: readonly (readonly [name: RegExp, sign: SignKind])[] = [
  [/^(node_vmstat_oom_kill|container_oom_events_total)$/, 'oom'],
  [/^node_edac_(un)?correctable_errors_total$|^node_(disk|nvme)_.*(error|fail).*_total$/, 'kernel'],
  // Flags that go up: what was mounted so from the start has not grown.
  [/^node_filesystem_(readonly|device_error)$/, 'kernel'],
  [/^system_disk_(io_)?errors$/, 'kernel'],
  [/^kubelet_runtime_operations_errors_total$/, 'runtime'],
];

const starts: readonly (readonly [name: RegExp, sign: SignKind])[] = [
  [/^(node_boot_time_seconds|system_boot_time)$/, 'restart'],
  [/^kubelet_process_start_time_seconds$/, 'restart'],
];

/** Of what a node tells, what ails before it fails: waits for disks and for the runtime, errors, heat. */
const health =
  /^node_disk_(read|write|io)_time(_weighted)?_seconds_total$|^system_disk_(operation_time|io_time|pending_operations)$|^node_pressure_.*_seconds_total$|^kubelet_(pleg_relist|runtime_operations)_.*(seconds|latency)|^node_hwmon_temp_celsius$|^system_cpu_load_average_|^node_load(1|5|15)$|^node_network_(receive|transmit)_(errs|drop)_total$|^system_network_(errors|dropped)$/;
const otherHealth = /^(k8s\.node|node)\..*(latency|errors)/;

/** The role of a series of a node, or undefined where it has none here. */
export function roleOf(definition: SeriesDefinition): MetricRole | undefined {
  const { name } = definition;
  if (definition.labels.some(([label]) => label === 'le' || label === 'quantile')) return undefined;
  return (
    conditionRole(definition) ??
    statedRole(definition) ??
    partRole(definition) ??
    countRole(definition) ??
    healthRole(name)
  );
}

function conditionRole({ name, labels }: SeriesDefinition): MetricRole | undefined {
  if (name === 'kube_node_status_condition') {
    const condition = labelValue(labels, 'condition') ?? '';
    // Of a node that tells nothing any more all are unknown: only of Ready is that for the worse.
    const isBadFalse = condition !== 'Ready' && isConditionOfHealth(condition);
    if (labelValue(labels, 'status') !== (isBadFalse ? 'false' : 'true')) return undefined;
    return { kind: 'condition', condition, holds: condition === 'Ready' ? 0 : 1 };
  }
  if (name === 'problem_gauge')
    return { kind: 'condition', condition: labelValue(labels, 'type') ?? 'Problem', holds: 1 };
  const told = /^k8s_node_condition_(.+)$/.exec(plainName(name))?.[1];
  if (told === undefined) return undefined;
  const condition = told
    .replaceAll(/(^|_)([a-z])/g, (_, __, letter: string) => letter.toUpperCase())
    .replace('Pid', 'PID');
  return { kind: 'condition', condition, holds: isConditionOfHealth(condition) ? 0 : 1 };
}

/** OpenTelemetry's host metrics: one series for each state. */
function statedRole(definition: SeriesDefinition): MetricRole | undefined {
  const { labels } = definition;
  const name = plainName(definition.name);
  const state =
    firstLabel(
      labels,
      'state',
      'system.memory.state',
      'system.filesystem.state',
      'system_memory_state',
      'system_filesystem_state',
    ) ?? '';
  if (name === 'system_memory_usage') {
    const part = reclaimable.test(state) ? 'free' : 'used';
    return { kind: 'resource', resource: 'memory', place: '', family: 'system', part };
  }
  if (name !== 'system_filesystem_usage' && name !== 'system_filesystem_inodes_usage') return undefined;
  const place = placeOf(labels);
  if (place === undefined) return undefined;
  const resource = name === 'system_filesystem_usage' ? 'disk' : 'inodes';
  // What only root may take is no room for those who write.
  const part = state === 'free' ? 'free' : 'used';
  return { kind: 'resource', resource, place, family: 'system', part };
}

function partRole(definition: SeriesDefinition): MetricRole | undefined {
  const { name, labels } = definition;
  if (name.startsWith('container_') && !isRootCgroup(definition)) return undefined;
  const plain = plainName(name);
  const found = parts.find(([pattern]) => pattern.test(plain));
  if (found === undefined) return undefined;
  const [, resource, part] = found;
  const isPlaced = resource === 'disk' || resource === 'inodes';
  const place = isPlaced ? placeOf(labels) : resource === 'pids' && /thread/.test(name) ? 'threads' : '';
  if (place === undefined) return undefined;
  const family = name === 'machine_memory_bytes' ? 'container' : name.split(/[._]/, 1)[0]!;
  return { kind: 'resource', resource, place, family, part };
}

function countRole({ name, kind, labels }: SeriesDefinition): MetricRole | undefined {
  const plain = plainName(name);
  const start = starts.find(([pattern]) => pattern.test(plain));
  if (start !== undefined) return { kind: 'start', sign: start[1] };
  if (kind === 'delta' || (name.startsWith('node_filesystem_') && placeOf(labels) === undefined)) return undefined;
  const sign =
    // What the Node Problem Detector counts is by no means all of the kernel: most are containers killed at their limit.
    name === 'problem_counter'
      ? signOfReason(labelValue(labels, 'reason') ?? '', true)
      : counts.find(([pattern]) => pattern.test(plain))?.[1];
  return sign === undefined ? undefined : { kind: 'count', sign };
}

function healthRole(name: string): MetricRole | undefined {
  if (!health.test(plainName(name)) && !otherHealth.test(name)) return undefined;
  return { kind: 'health', direction: badDirection(signalKindOf(name)) === 'down' ? -1 : 1 };
}

/** The mount point (or device) of a file system that a node lives on; undefined for one that is not a disk of its own. */
function placeOf(labels: SeriesDefinition['labels']): string | undefined {
  const type = firstLabel(labels, 'fstype', 'type', 'system.filesystem.type', 'system_filesystem_type');
  const device = firstLabel(labels, 'device', 'system.device', 'system_device') ?? '';
  const place = firstLabel(labels, 'mountpoint', 'system.filesystem.mountpoint', 'system_filesystem_mountpoint');
  if (type !== undefined && noDisk.test(type)) return undefined;
  if (device.startsWith('/dev/loop') || (place === undefined && noDevice.test(device))) return undefined;
  if (place !== undefined && noPlace.test(place)) return undefined;
  return place ?? device;
}

import type { ClusterEvent } from '../../model/index.ts';

/** What tells that something is wrong with a node beside what fills up. */
export const signKinds = [
  /** It was not ready for a while and came back. */
  'flap',
  /** A heartbeat came late. */
  'late',
  /** The kubelet or the machine started again. */
  'restart',
  /** The container runtime or the kubelet's housekeeping failed. */
  'runtime',
  /** The kernel told of broken hardware, file systems or hung tasks. */
  'kernel',
  /** The kernel killed processes for want of memory. */
  'oom',
  /** The kubelet found too little of a resource, or the network gone. */
  'pressure',
] as const;
export type SignKind = (typeof signKinds)[number];

const signTexts: Readonly<Record<SignKind, string>> = {
  flap: 'was not ready for a while',
  late: 'heartbeats came late',
  restart: 'the kubelet or the machine started again',
  runtime: 'the container runtime or the kubelet failed at its work',
  kernel: 'the kernel told of failing hardware or file systems',
  oom: 'the kernel killed processes for want of memory',
  pressure: 'the kubelet reports a shortage',
};

/** Reasons of the kubelet, the node controller and the Node Problem Detector (its shipped rule files). */
const byReason: readonly (readonly [reason: RegExp, sign: SignKind])[] = [
  [/^(NodeNotReady|KubeletNotReady|NodeStatusUnknown|KubeletDown)$/, 'flap'],
  [
    /^(Starting|Rebooted|KubeletStart|FrequentKubeletRestart|FrequentContainerdRestart|FrequentDockerRestart)$/,
    'restart',
  ],
  [
    /^(ContainerGCFailed|ImageGCFailed|FreeDiskSpaceFailed|EvictionThresholdMet|KubeletUnhealthy|KubeletSetupFailed|ContainerdUnhealthy|ContainerRuntimeUnhealthy|DockerHung|CorruptDockerImage|CorruptDockerOverlay2|PLEGUnhealthy|NodeSysctlChange|KubeProxyUnhealthy)$/,
    'runtime',
  ],
  [
    /^(TaskHung|KernelOops|KernelDeadlock|UnregisterNetDevice|Ext4Error|Ext4Warning|IOError|XfsShutdown|XfsHasShutdown|FilesystemIsReadOnly|ReadonlyFilesystem|MemoryReadError|MachineCheckException|HardwareError|DiskFailing|CperHardwareError\w*|BlockDeviceError|NVMeError|ThermalThrottling)$/,
    'kernel',
  ],
  [/^(OOMKilling|SystemOOM)$/, 'oom'],
];

/** Conditions of a node that the kubelet and the Node Problem Detector set. */
const byCondition: readonly (readonly [condition: RegExp, sign: SignKind])[] = [
  [/^(MemoryPressure|DiskPressure|PIDPressure|NetworkUnavailable)$/, 'pressure'],
  [/^(Frequent\w*Restart)$/, 'restart'],
  [/(Deadlock|ReadonlyFilesystem|Hardware|Disk|XFS|XfsShutdown|Memory|Cper|IOError)/i, 'kernel'],
  [/(Kubelet|Runtime|Containerd|Docker|Overlay)/i, 'runtime'],
];

/** What an event on a node says, if anything. */
export function signOfEvent({ entity, reason, type }: ClusterEvent): SignKind | undefined {
  return entity.kind === 'node' ? signOfReason(reason, type === 'Warning') : undefined;
}

/** What a reason says by which the kubelet, the node controller or the Node Problem Detector call what happened to a node. */
export function signOfReason(reason: string, isWarning: boolean): SignKind | undefined {
  const sign = byReason.find(([pattern]) => pattern.test(reason))?.[1];
  // A custom plugin may call itself anything: a warning of a node about its kernel says so.
  const isOfKernel = () => /(Kernel|IO|Hardware|Disk|Memory|Xfs|Ext4).*(Error|Failure|Hung)/i.test(reason);
  return sign ?? (isWarning && isOfKernel() ? 'kernel' : undefined);
}

/** What a condition of a node that holds says. Ready is judged by whoever knows how it was before. */
export function signOfCondition(condition: string): SignKind | undefined {
  return byCondition.find(([pattern]) => pattern.test(condition))?.[1];
}

/** A sign comes to 1/e of its weight in this time. */
const memoryMs = 3_600_000;
/** Messages of events are cut to this. */
const longestTold = 120;
/** The same sign told by several within this time is one. */
const sameMs = 30_000;

/** The signs of one node, each with a count that fades. Plain data. */
export interface SignBook {
  readonly counts: Record<SignKind, number>;
  readonly latestMs: Record<SignKind, number>;
  /** What was told last, in words. */
  readonly told: Partial<Record<SignKind, string>>;
}

export function createSignBook(): SignBook {
  const zero = (value: number) =>
    Object.fromEntries(signKinds.map((kind) => [kind, value])) as Record<SignKind, number>;
  return { counts: zero(0), latestMs: zero(0), told: {} };
}

export function noteSign(book: SignBook, kind: SignKind, atMs: number, told: string, amount = 1): void {
  const latestMs = book.latestMs[kind];
  if (Math.abs(atMs - latestMs) < sameMs) return;
  book.counts[kind] = book.counts[kind] * fading(atMs - latestMs) + amount;
  book.latestMs[kind] = Math.max(latestMs, atMs);
  book.told[kind] = told === '' ? signTexts[kind] : told.slice(0, longestTold);
}

/** How many of a kind there were lately. */
export function signCount(book: SignBook, kind: SignKind, nowMs: number): number {
  return book.counts[kind] * fading(nowMs - book.latestMs[kind]);
}

const fading = (passedMs: number) => Math.exp(-Math.max(0, passedMs) / memoryMs);

/** The signs there were lately, the most frequent first: `IOError: … (4 lately)`. */
export function describeSigns(book: SignBook, nowMs: number): string[] {
  return signKinds
    .map((kind) => ({ kind, count: signCount(book, kind, nowMs) }))
    .filter(({ count }) => count > 0.3)
    .sort((a, b) => b.count - a.count)
    .map(
      ({ kind, count }) =>
        `${book.told[kind] ?? signTexts[kind]}${count > 1.5 ? ` (${Math.round(count)} lately)` : ''}`,
    );
}

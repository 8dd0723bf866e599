import { between, randomFrom } from '../randomness.ts';

export const nodeFailureKinds = [
  'disk-fill',
  'memory-leak',
  'pid-leak',
  'inode-exhaustion',
  'kubelet-flapping',
  'hardware',
] as const;
export type NodeFailureKind = (typeof nodeFailureKinds)[number];

/** How a resource is taken between onset and failure. */
export type GrowthShape = 'steady' | 'quickening' | 'with-traffic' | 'in-bursts';

/** A failure as planned; when it really happens follows from what else the node does. */
export interface NodeFailurePlan {
  readonly kind: NodeFailureKind;
  readonly onsetMs: number;
  /** From onset to failure if nothing else moved. */
  readonly durationMs: number;
  readonly shape: GrowthShape;
}

/** A failure that happened: for tests and figures, never for the engine. */
export interface NodeFailure {
  readonly node: string;
  readonly kind: NodeFailureKind;
  readonly onsetMs: number;
  readonly failedMs: number;
  /** When the node was back. */
  readonly repairedMs: number;
}

const minute = 60_000;
const hour = 60 * minute;

/** Shortest and longest way from onset to failure. */
const durations: Readonly<Record<NodeFailureKind, readonly [number, number]>> = {
  'disk-fill': [20 * minute, 10 * hour],
  'memory-leak': [30 * minute, 16 * hour],
  'pid-leak': [20 * minute, 10 * hour],
  'inode-exhaustion': [20 * minute, 10 * hour],
  'kubelet-flapping': [25 * minute, 3 * hour],
  hardware: [30 * minute, 6 * hour],
};
const shapes: readonly GrowthShape[] = ['steady', 'steady', 'quickening', 'with-traffic', 'in-bursts'];

/** At most one failure a node, after its first day, of each kind about equally often over a fleet. */
export function planFailure(
  seed: number,
  node: number,
  startMs: number,
  lengthMs: number,
  share: number,
): NodeFailurePlan | undefined {
  const random = randomFrom(seed, 'node-failure', node);
  if (random() >= share) return undefined;
  const kind = nodeFailureKinds[Math.floor(random() * nodeFailureKinds.length)]!;
  const [least, most] = durations[kind];
  const durationMs = least * (most / least) ** random();
  const latestMs = Math.max(26 * hour, lengthMs - 1.5 * durationMs);
  const onsetMs = startMs + Math.round(between(random, 25 * hour, latestMs) / minute) * minute;
  return { kind, onsetMs, durationMs, shape: shapes[Math.floor(random() * shapes.length)]! };
}

import type { Change, ResourceAmounts } from '../../model/index.ts';

/** 1: gives the target more, -1: takes something from it, 0: neither. */
export type Direction = -1 | 0 | 1;

/** Taking anything away makes the whole a lowering: the careful reading. */
export function directionOf(changes: readonly Change[]): Direction {
  const directions = changes.map(directionOfOne);
  return directions.includes(-1) ? -1 : directions.includes(1) ? 1 : 0;
}

function directionOfOne(change: Change): Direction {
  if (change.type === 'restart') return 0;
  if (change.type === 'scale') return Math.sign(change.to - change.from) as Direction;
  const pairs = [
    ...amountPairs(change.from.requests, change.to.requests),
    ...amountPairs(change.from.limits, change.to.limits),
  ];
  if (pairs.some(([from, to]) => to < from)) return -1;
  return pairs.some(([from, to]) => to > from) ? 1 : 0;
}

/** The amounts set on both sides, before and after. */
export function amountPairs(from: ResourceAmounts, to: ResourceAmounts): (readonly [number, number])[] {
  const pairs: (readonly [number, number])[] = [];
  if (from.cpuCores !== undefined && to.cpuCores !== undefined) pairs.push([from.cpuCores, to.cpuCores]);
  if (from.memoryBytes !== undefined && to.memoryBytes !== undefined) pairs.push([from.memoryBytes, to.memoryBytes]);
  return pairs;
}

/** What puts things back, in reverse order. A restart cannot be undone and is left out. */
export function reversed(changes: readonly Change[]): Change[] {
  return changes
    .filter((change) => change.type !== 'restart')
    .map((change) => ({ ...change, from: change.to, to: change.from }) as Change)
    .reverse();
}

/** For people: `replicas 2 → 4`, `app limits memory 256 → 512 MiB`. */
export function describeChange(change: Change): string {
  if (change.type === 'restart') return 'restart';
  if (change.type === 'scale') return `replicas ${change.from} → ${change.to}`;
  const parts = (['requests', 'limits'] as const).flatMap((part) => {
    const [from, to] = [change.from[part], change.to[part]];
    const texts: string[] = [];
    if (from.cpuCores !== to.cpuCores)
      texts.push(`CPU ${part} ${from.cpuCores ?? 'unset'} → ${to.cpuCores ?? 'unset'}`);
    if (from.memoryBytes !== to.memoryBytes) {
      texts.push(`memory ${part} ${mebibytes(from.memoryBytes)} → ${mebibytes(to.memoryBytes)}`);
    }
    return texts;
  });
  return `${change.container}: ${parts.join(', ')}${change.method === 'in-place' ? ' in place' : ''}`;
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? 'unset' : `${Math.round(bytes / 1_048_576)} MiB`;
}

export interface GroupMember {
  readonly id: string;
  /** Partitions that it has state of in memory. */
  readonly owned: readonly number[];
}

/**
 * Shares partitions out evenly, each staying where it is as far as evenness allows: a partition that moves must load its
 * state. Follows from its input alone.
 */
export function assignPartitions(members: readonly GroupMember[], partitions: number): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const assigned = new Map<string, number[]>(sorted.map(({ id }) => [id, []]));
  if (sorted.length === 0) return assigned;
  const least = Math.floor(partitions / sorted.length);
  // So many members have one more than the least; those that own more come first for it.
  let extra = partitions % sorted.length;
  const free = new Set(Array.from({ length: partitions }, (_, partition) => partition));
  const byOwned = [...sorted].sort((a, b) => b.owned.length - a.owned.length);
  for (const { id, owned } of byOwned) {
    const own = assigned.get(id) as number[];
    for (const partition of [...owned].sort((a, b) => a - b)) {
      if (!free.has(partition) || own.length >= least + (extra > 0 ? 1 : 0)) continue;
      own.push(partition);
      free.delete(partition);
    }
    if (own.length > least) extra -= 1;
  }
  for (const partition of free) {
    const neediest = [...assigned.values()].reduce((a, b) => (b.length < a.length ? b : a));
    neediest.push(partition);
  }
  for (const own of assigned.values()) own.sort((a, b) => a - b);
  return assigned;
}

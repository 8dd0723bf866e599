import type { PartitionLag } from './group-lag.ts';

/**
 * Tells a consumer that stands still from one that has nothing to do: a partition whose committed offset has not moved
 * for `stallMs` although there were records behind it all that time.
 */
export function createStallWatch(stallMs: number) {
  const seen = new Map<string, { committed: number; sinceMs: number }>();

  return {
    isStalled(lags: readonly PartitionLag[], nowMs: number): boolean {
      let stalled = false;
      const present = new Set<string>();
      for (const { topic, partition, committed, records } of lags) {
        const key = `${topic}/${partition}`;
        present.add(key);
        const last = seen.get(key);
        if (records === 0 || last === undefined || last.committed !== committed) {
          seen.set(key, { committed, sinceMs: nowMs });
        } else if (nowMs - last.sinceMs >= stallMs) stalled = true;
      }
      for (const key of seen.keys()) if (!present.has(key)) seen.delete(key);
      return stalled;
    },
  };
}

import { type ClusterEvent, entityKey } from '../../model/index.ts';

/** Lets each fact through once, whether the cluster's watch or a comparison of snapshots told it first. */
export interface SeenEvents {
  /** Those of `events` that were not seen before. */
  fresh(events: readonly ClusterEvent[], source: 'watch' | 'snapshot'): ClusterEvent[];
}

const sameFactMs = 30_000;
const keptIds = 10_000;

/**
 * An id is let through once. Beside that, an event of one source is the same fact as one of the other source with the
 * same entity and reason less than 30 s apart: a watch's ids follow from the cluster's event objects, which a snapshot
 * does not show.
 */
export function createSeenEvents(): SeenEvents {
  const ids = new Set<string>();
  const times = { watch: new Map<string, number>(), snapshot: new Map<string, number>() };

  function isFresh(event: ClusterEvent, source: 'watch' | 'snapshot'): boolean {
    if (ids.has(event.id)) return false;
    ids.add(event.id);
    const fact = `${entityKey(event.entity)}|${event.reason}`;
    const told = times[source === 'watch' ? 'snapshot' : 'watch'].get(fact);
    times[source].set(fact, event.atMs);
    return told === undefined || Math.abs(told - event.atMs) >= sameFactMs;
  }

  /** Insertion order is age: the oldest are forgotten first. */
  function trim(collection: Set<string> | Map<string, number>): void {
    for (const key of collection.keys()) {
      if (collection.size <= keptIds) return;
      collection.delete(key);
    }
  }

  return {
    fresh(events, source) {
      const fresh = events.filter((event) => isFresh(event, source));
      trim(ids);
      trim(times.watch);
      trim(times.snapshot);
      return fresh;
    },
  };
}

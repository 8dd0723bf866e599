import type { Checkpointed } from '../../model/index.ts';

/** What the deciding process knows of each partition of the signals. */
export interface FindingsIntake extends Checkpointed {
  /** Whether this entry is new: a partition scored again from its checkpoint tells the same things again. */
  accepts(entry: { readonly partition: number; readonly offset: number }): boolean;
  /** Notes an entry that was accepted, and gives the event time that all have reached, epoch milliseconds. */
  take(entry: {
    readonly partition: number;
    readonly offset: number;
    readonly receivedMs: number;
    readonly watermarkMs: number;
  }): number;
}

interface Seen {
  nextOffset: number;
  receivedMs: number;
  watermarkMs: number;
}

/**
 * Event time is that of the slowest partition among those heard of lately: one without signals for `idleMs` (by the time
 * its records were received, so that a replay decides the same) holds nobody up. It never goes back.
 */
export function createFindingsIntake(idleMs: number): FindingsIntake {
  let seen = new Map<number, Seen>();
  let newestMs = 0;
  let watermarkMs = 0;

  return {
    accepts: ({ partition, offset }) => offset >= (seen.get(partition)?.nextOffset ?? 0),
    take(entry) {
      seen.set(entry.partition, {
        nextOffset: entry.offset + 1,
        receivedMs: entry.receivedMs,
        watermarkMs: entry.watermarkMs,
      });
      newestMs = Math.max(newestMs, entry.receivedMs);
      let slowest = Number.POSITIVE_INFINITY;
      for (const each of seen.values())
        if (newestMs - each.receivedMs <= idleMs) slowest = Math.min(slowest, each.watermarkMs);
      if (Number.isFinite(slowest)) watermarkMs = Math.max(watermarkMs, slowest);
      return watermarkMs;
    },
    save: () => new TextEncoder().encode(JSON.stringify({ newestMs, watermarkMs, seen: [...seen] })),
    load(bytes) {
      const saved = JSON.parse(new TextDecoder().decode(bytes)) as {
        newestMs: number;
        watermarkMs: number;
        seen: [number, Seen][];
      };
      ({ newestMs, watermarkMs } = saved);
      seen = new Map(saved.seen);
      return true;
    },
  };
}

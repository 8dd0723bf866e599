import { type ClusterEvent, contentId, entityKey } from '../../model/index.ts';

/** How many events one who begins to watch late is told of, as an API server keeps them for an hour. */
const kept = 500;

export interface EventFeed {
  add(event: Omit<ClusterEvent, 'id' | 'atMs'>, atMs: number): void;
  watch(report: (events: readonly ClusterEvent[]) => void, signal: AbortSignal): Promise<void>;
}

/** Remembers the latest events and passes new ones to those who watch. */
export function createEventFeed(): EventFeed {
  let recent: ClusterEvent[] = [];
  const watchers = new Set<(events: readonly ClusterEvent[]) => void>();

  return {
    add(event, atMs) {
      const id = contentId('evt', entityKey(event.entity), event.reason, event.message, atMs);
      const full = { ...event, id, atMs };
      recent.push(full);
      if (recent.length > 2 * kept) recent = recent.slice(-kept);
      for (const watcher of watchers) watcher([full]);
    },
    watch(report, signal) {
      if (signal.aborted) return Promise.resolve();
      const past = recent.slice(-kept);
      if (past.length > 0) report(past);
      watchers.add(report);
      return new Promise((resolve) => {
        signal.addEventListener(
          'abort',
          () => {
            watchers.delete(report);
            resolve();
          },
          { once: true },
        );
      });
    },
  };
}

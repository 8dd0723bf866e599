import {
  type Clock,
  type ClusterEvent,
  type ClusterPort,
  type ClusterSnapshot,
  KybernError,
  type Metrics,
  type SignalBatch,
  toTimestamp,
} from '../../model/index.ts';
import { createSeenEvents } from './seen-events.ts';
import { stateChanges } from './state-changes.ts';

export interface ClusterFeedDeps {
  readonly cluster: ClusterPort;
  /** Durable once resolved. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Seconds between two snapshots when nothing happens. */
  readonly intervalSeconds: number;
}

/** Whether the cluster can be read. */
export interface ClusterStanding {
  readonly ready: boolean;
  /** Why not, or when it was last listed. */
  readonly detail: string;
}

// After an event a snapshot follows this soon; events that come while it waits share it.
const soonMs = 1_000;
const longestPauseMs = 30_000;

/**
 * Brings the cluster into the log: a snapshot at the start, every interval and soon after events, with what changed since
 * the one before as events; and the watch's own events at once. A cluster that cannot be reached is asked again with
 * growing pauses; nothing is derived across a gap that a restart of Kybern makes.
 */
export function createClusterFeed(deps: ClusterFeedDeps) {
  const { cluster, append, clock, intervalSeconds } = deps;
  const failures = deps.metrics.counter('kybern_cluster_feed_failures_total', 'Failed reads of the cluster.', ['part']);
  const items = deps.metrics.counter('kybern_cluster_events_total', 'Events taken from the cluster.', ['source']);
  const seen = createSeenEvents();
  let previous: ClusterSnapshot | undefined;
  let pending: ClusterEvent[] = [];
  let touched = false;
  let wake: () => void = () => {};
  let standing: ClusterStanding = { ready: false, detail: 'not listed yet' };

  async function listCluster(): Promise<ClusterSnapshot> {
    try {
      const snapshot = await cluster.snapshot();
      standing = { ready: true, detail: `listed at ${toTimestamp(snapshot.atMs)}` };
      return snapshot;
    } catch (error) {
      standing = { ready: false, detail: error instanceof Error ? error.message : String(error) };
      throw error;
    }
  }

  async function takeSnapshot(): Promise<void> {
    const snapshot = await listCluster();
    const events = previous === undefined ? [] : seen.fresh(stateChanges(previous, snapshot), 'snapshot');
    await append([{ kind: 'cluster', timeMs: snapshot.atMs, snapshot, events }]);
    items.add(events.length, { source: 'snapshot' });
    previous = snapshot;
  }

  async function takeEvents(): Promise<void> {
    if (pending.length === 0) return;
    const events = pending;
    pending = [];
    try {
      await append([{ kind: 'cluster', timeMs: clock.now(), events }]);
      items.add(events.length, { source: 'watch' });
    } catch (error) {
      pending = [...events, ...pending];
      throw error;
    }
  }

  function report(events: readonly ClusterEvent[]): void {
    const fresh = seen.fresh(events, 'watch');
    if (fresh.length === 0 && events.length > 0) return;
    touched ||= events.length === 0;
    pending.push(...fresh);
    wake();
  }

  /** Whether something was reported, or will be before that much time has passed. */
  async function reportsWithin(milliseconds: number, signal: AbortSignal): Promise<boolean> {
    if (pending.length > 0 || touched) return true;
    const timeout = new AbortController();
    const woken = new Promise<void>((resolve) => {
      wake = resolve;
    });
    await Promise.race([woken, clock.sleep(milliseconds, AbortSignal.any([signal, timeout.signal]))]);
    timeout.abort();
    return pending.length > 0 || touched;
  }

  async function feed(signal: AbortSignal): Promise<void> {
    let pauseMs = 1_000;
    while (!signal.aborted) {
      try {
        await takeSnapshot();
        pauseMs = 1_000;
        if (await reportsWithin(intervalSeconds * 1000, signal)) {
          await takeEvents();
          await clock.sleep(Math.min(soonMs, intervalSeconds * 1000), signal);
          await takeEvents();
          touched = false;
        }
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        failures.add(1, { part: error.code === 'KYBERN_CLUSTER' ? 'snapshot' : 'append' });
        await clock.sleep(pauseMs, signal);
        pauseMs = Math.min(longestPauseMs, pauseMs * 2);
      }
    }
  }

  return {
    /** One look: a snapshot with what changed. For those who keep time themselves. */
    poll: takeSnapshot,
    /** How the latest look at the cluster went. */
    standing: () => standing,
    /** Resolves when the signal aborts. */
    async run(signal: AbortSignal): Promise<void> {
      await Promise.all([feed(signal), cluster.watch(report, signal)]);
    },
  };
}

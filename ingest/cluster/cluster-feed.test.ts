import { describe, expect, test } from 'vitest';
import {
  type ClusterEvent,
  type ClusterPort,
  type ClusterSnapshot,
  KybernError,
  type NodeState,
  noMetrics,
  type SignalBatch,
} from '../../model/index.ts';
import { createClusterFeed } from './cluster-feed.ts';

const node = (ready: boolean): NodeState => ({
  name: 'n1',
  ready,
  unschedulable: false,
  allocatable: {},
  pressures: [],
});
const notReady = (id: string, atMs: number): ClusterEvent => ({
  id,
  atMs,
  entity: { kind: 'node', namespace: '', name: 'n1' },
  reason: 'NodeNotReady',
  type: 'Warning',
  message: '',
});

/** A cluster of one node and a clock that a test turns by hand. */
function world(intervalSeconds = 30) {
  let now = 1_000_000;
  let sleepers: { atMs: number; wake: (slept: boolean) => void }[] = [];
  let report: (events: readonly ClusterEvent[]) => void = () => {};
  const state = { ready: true, failing: false, brokenLog: false };
  const appended: SignalBatch[] = [];
  const abort = new AbortController();
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5));

  const snapshot = async (): Promise<ClusterSnapshot> => {
    if (state.failing) throw new KybernError('KYBERN_CLUSTER', 'refused');
    return { atMs: now, nodes: [node(state.ready)], pods: [], workloads: [] };
  };
  const watch: ClusterPort['watch'] = (reporter, signal) => {
    report = reporter;
    return new Promise((resolve) => signal.addEventListener('abort', () => resolve()));
  };
  const feed = createClusterFeed({
    cluster: { name: 'test', snapshot, watch } as unknown as ClusterPort,
    append: async (batches) => {
      if (state.brokenLog) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'broken for a test');
      appended.push(...batches);
    },
    clock: {
      now: () => now,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          sleepers.push({ atMs: now + milliseconds, wake: resolve });
          signal?.addEventListener('abort', () => resolve(false));
        }),
    },
    metrics: noMetrics,
    intervalSeconds,
  });
  const running = feed.run(abort.signal);

  return {
    state,
    standing: () => feed.standing(),
    async pass(milliseconds: number) {
      now += milliseconds;
      const due = sleepers.filter((sleeper) => sleeper.atMs <= now);
      sleepers = sleepers.filter((sleeper) => sleeper.atMs > now);
      for (const sleeper of due) sleeper.wake(true);
      await settle();
    },
    async tell(...events: ClusterEvent[]) {
      report(events);
      await settle();
    },
    now: () => now,
    batches: () =>
      appended.map((batch) =>
        batch.kind === 'cluster'
          ? { snapshot: batch.snapshot !== undefined, events: batch.events.map(({ reason }) => reason) }
          : batch.kind,
      ),
    async end() {
      abort.abort();
      await running;
    },
  };
}

const listed = (...events: string[]) => ({ snapshot: true, events });
const told = (...events: string[]) => ({ snapshot: false, events });

describe('the cluster feed', () => {
  test('takes a snapshot at the start, at every interval, and says what changed', async () => {
    const { state, pass, batches, end } = world();
    await pass(0);
    await pass(30_000);
    state.ready = false;
    await pass(30_000);
    expect(batches()).toEqual([listed(), listed(), listed('NodeNotReady')]);
    await end();
  });

  test('passes events on at once, with a snapshot soon after; the same fact is told once', async () => {
    const { state, pass, tell, batches, end, now } = world();
    await pass(0);
    state.ready = false;
    await tell(notReady('evt-1', now()));
    expect(batches()).toEqual([listed(), told('NodeNotReady')]);
    await tell(notReady('evt-1', now()));
    await pass(1_000);
    expect(batches()).toEqual([listed(), told('NodeNotReady'), listed()]);
    await end();
  });

  test('a fact seen in a snapshot first is not told again by the watch; a later one is', async () => {
    const { state, pass, tell, batches, end, now } = world();
    await pass(0);
    state.ready = false;
    await pass(30_000);
    await tell(notReady('evt-1', now() - 2_000));
    expect(batches()).toEqual([listed(), listed('NodeNotReady')]);
    await tell(notReady('evt-2', now() + 60_000));
    expect(batches()).toEqual([listed(), listed('NodeNotReady'), told('NodeNotReady')]);
    await end();
  });

  test('tells how its latest look went', async () => {
    const { state, pass, standing, end } = world();
    expect(standing()).toEqual({ ready: false, detail: 'not listed yet' });
    await pass(0);
    expect(standing()).toEqual({ ready: true, detail: 'listed at 1970-01-01T00:16:40.000Z' });
    state.failing = true;
    await pass(30_000);
    expect(standing()).toEqual({ ready: false, detail: 'refused' });
    state.failing = false;
    await pass(1_000);
    expect(standing().ready).toBe(true);
    await end();
  });

  test('asks a cluster that refuses again, and keeps its events while the log refuses', async () => {
    const { state, pass, tell, batches, end, now } = world();
    state.failing = true;
    await pass(0);
    expect(batches()).toEqual([listed()]);
    await pass(30_000);
    state.failing = false;
    state.brokenLog = true;
    await pass(1_000);
    await tell(notReady('evt-1', now()));
    state.brokenLog = false;
    await pass(2_000);
    expect(batches()).toEqual([listed(), listed(), told('NodeNotReady')]);
    await end();
  });
});

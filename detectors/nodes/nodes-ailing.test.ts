import { describe, expect, test } from 'vitest';
import { type Anomaly, type ClusterEvent, type NodeState, toEpochMs } from '../../model/index.ts';
import { sampleBatch, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const minute = 60_000;

describe('a node that ails', () => {
  const listed = (ready: boolean, pressures: readonly string[] = [], heartbeatAtMs?: number): NodeState => ({
    name: 'node-1',
    ready,
    unschedulable: false,
    allocatable: {},
    pressures,
    ...(heartbeatAtMs === undefined ? {} : { heartbeatAtMs }),
  });

  async function watch(
    minutes: number,
    at: (
      atMinute: number,
      nowMs: number,
    ) => { node: NodeState; events?: readonly [reason: string, type: ClusterEvent['type']][] },
  ): Promise<Anomaly[]> {
    const { detectors } = createWorkbench();
    const told: Anomaly[] = [];
    for (let minutesPassed = 0; minutesPassed < minutes; minutesPassed += 1) {
      const nowMs = startMs + minutesPassed * minute;
      const { node, events = [] } = at(minutesPassed, nowMs);
      const snapshot = { atMs: nowMs, nodes: [node], pods: [], workloads: [] };
      const happened = events.map(([reason, type], index) => ({
        id: `${minutesPassed}/${index}`,
        atMs: nowMs,
        entity: { kind: 'node', namespace: '', name: 'node-1' } as const,
        reason,
        type,
        message: '',
      }));
      await detectors.observe({ kind: 'cluster', timeMs: nowMs, snapshot, events: happened });
      told.push(...(await detectors.advance(nowMs)).anomalies);
    }
    return told;
  }

  test('flaps, misses heartbeats and starts again: told as failing', async () => {
    const told = await watch(60, (at, nowMs) => ({
      node: listed(at < 20 || at % 8 > 1, [], nowMs - (at > 20 && at % 5 === 0 ? 40_000 : 2_000)),
      events:
        at > 20 && at % 10 === 0
          ? [
              ['Starting', 'Normal'],
              ['ContainerGCFailed', 'Warning'],
            ]
          : [],
    }));
    expect(told[0]).toMatchObject({ detector: 'node-failure', entity: { name: 'node-1' }, ahead: { what: 'health' } });
    expect(told[0]!.reason).toContain('node node-1 is failing');
  });

  test('and fails is not over before it is ready again', async () => {
    const failed = 40;
    const back = failed + 6 * 60;
    const told = await watch(back + 4 * 60, (at) => ({
      node: listed(at >= back || (at < failed && at % 4 < 2), at > 20 && at < failed ? ['DiskPressure'] : []),
    }));
    expect(told[0]).toMatchObject({ state: 'firing', detector: 'node-failure' });
    const cleared = told.filter(({ state }) => state === 'cleared');
    expect(cleared).toHaveLength(1);
    expect(toEpochMs(cleared[0]!.clearedAt!)).toBeGreaterThan(startMs + back * minute);
  });

  test('and leaves the cluster: taken back', async () => {
    const { detectors } = createWorkbench();
    const told: Anomaly[] = [];
    for (let at = 0; at < 60; at += 1) {
      const nowMs = startMs + at * minute;
      const other = { ...listed(true), name: 'node-2' };
      const nodes = at < 50 ? [listed(at % 4 < 2, at > 20 ? ['DiskPressure'] : []), other] : [other];
      await detectors.observe({
        kind: 'cluster',
        timeMs: nowMs,
        snapshot: { atMs: nowMs, nodes, pods: [], workloads: [] },
        events: [],
      });
      told.push(...(await detectors.advance(nowMs)).anomalies);
    }
    expect(told[0]).toMatchObject({ state: 'firing', entity: { name: 'node-1' } });
    expect(told.at(-1)).toMatchObject({ state: 'cleared', clearedAt: new Date(startMs + 50 * minute).toISOString() });
  });

  test('is not one of which the agent of Amazon says that storage, runtime and hardware are ready', async () => {
    const ready = [
      'KernelReady',
      'NetworkingReady',
      'StorageReady',
      'ContainerRuntimeReady',
      'AcceleratedHardwareReady',
    ];
    const { detectors, catalog } = createWorkbench();
    const ids = ready.map((condition) =>
      catalog.intern({
        name: 'kube_node_status_condition',
        labels: [
          ['condition', condition],
          ['node', 'node-1'],
          ['status', 'true'],
        ],
        kind: 'gauge',
        unit: '',
        origin: 'received',
      }),
    );
    const told: Anomaly[] = [];
    for (let at = 0; at < 60; at += 1) {
      const nowMs = startMs + at * minute;
      await detectors.observe(sampleBatch(ids.map((id) => [id, nowMs, 1])));
      told.push(...(await detectors.advance(nowMs)).anomalies);
    }
    expect(told).toEqual([]);
  });

  test('one blip, or one restart of its kubelet, is none of it', async () => {
    const told = await watch(120, (at) => ({
      node: listed(at !== 30),
      events:
        at === 60
          ? [
              ['Starting', 'Normal'],
              ['InvalidDiskCapacity', 'Warning'],
            ]
          : [],
    }));
    expect(told).toEqual([]);
  });
});

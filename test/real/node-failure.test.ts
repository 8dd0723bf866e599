import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKubernetesCluster } from '../../actuator/kubernetes/index.ts';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { systemClock } from '../../engine/index.ts';
import { createClusterFeed } from '../../ingest/index.ts';
import { type Anomaly, noMetrics, type SignalBatch } from '../../model/index.ts';
import { type ControlPlane, controlPlaneScript, startControlPlane } from '../support/control-plane.ts';
import { eventually, removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

describe.runIf(standHas(controlPlaneScript))('a node of a real cluster that ails', () => {
  const { detectors } = createWorkbench();
  const abort = new AbortController();
  const told: Anomaly[] = [];
  const reasons = new Set<string>();
  let heartbeats: readonly (number | undefined)[] = [];
  let plane: ControlPlane;
  let running: Promise<void>;

  // As the engine does: batches in order, event time a second behind them.
  let queue = Promise.resolve();
  const append = (batches: readonly SignalBatch[]) => {
    queue = queue.then(async () => {
      for (const batch of batches) {
        if (batch.kind !== 'cluster') continue;
        for (const event of batch.events) reasons.add(`${event.reason} ${event.entity.name}`);
        const { snapshot, timeMs } = batch;
        if (snapshot !== undefined) {
          heartbeats = snapshot.nodes.map(({ heartbeatAtMs }) => heartbeatAtMs && snapshot.atMs - heartbeatAtMs);
        }
        const results = [await detectors.observe(batch), await detectors.advance(timeMs)];
        told.push(...results.flatMap(({ anomalies }) => anomalies));
      }
    });
    return queue;
  };
  const condition = (node: string, name: string, method: 'PUT' | 'DELETE') =>
    fetch(`${plane.controlUrl}/nodes/${node}/conditions/${name}`, { method });
  const happens = (node: string, reason: string) =>
    plane.core.createNamespacedEvent({
      namespace: 'default',
      body: {
        metadata: { name: `${node}-${reason.toLowerCase()}` },
        involvedObject: { kind: 'Node', name: node },
        reason,
        type: 'Warning',
        message: `${reason} on ${node}`,
        lastTimestamp: new Date(),
      },
    });
  const seen = (what: string) =>
    eventually(async () => reasons.has(what), { withinMs: 60_000, what: () => `${what}; seen: ${[...reasons]}` });

  beforeAll(async () => {
    plane = await startControlPlane(temporaryDirectory('kybern-stand-'), 21_443);
    const cluster = createKubernetesCluster({
      settings: { kubeconfig: plane.kubeconfig, context: '', namespaces: [], timeoutSeconds: 5 },
      clock: systemClock,
      metrics: noMetrics,
    });
    const feed = createClusterFeed({ cluster, append, clock: systemClock, metrics: noMetrics, intervalSeconds: 5 });
    running = feed.run(abort.signal);
  });

  afterAll(async () => {
    abort.abort();
    await running;
    await plane?.stop();
    removeTemporaryDirectories();
  });

  test('heartbeats are read from the leases: every node renewed its own lately', async () => {
    await eventually(async () => heartbeats.length === 3, { withinMs: 60_000, what: () => 'three nodes to be listed' });
    for (const age of heartbeats) expect(age).toBeLessThan(25_000);
  });

  test('one that presses and flaps while its kernel complains is foretold to fail; the others are not', async () => {
    await happens('node-1', 'IOError');
    await seen('IOError node-1');
    expect(told).toEqual([]);
    await condition('node-0', 'NotReady', 'PUT');
    await seen('NodeNotReady node-0');
    await condition('node-0', 'DiskPressure', 'PUT');
    await happens('node-0', 'IOError');
    await happens('node-0', 'ContainerGCFailed');
    await eventually(async () => told.length > 0, { withinMs: 90_000, what: () => 'the failure to be foretold' });
    expect(told[0]).toMatchObject({
      state: 'firing',
      detector: 'node-failure',
      entity: { kind: 'node', name: 'node-0' },
      ahead: { what: 'health' },
    });
    expect(told[0]!.reason).toContain('IOError');
    expect(told[0]!.reason).toContain('DiskPressure');
    expect(new Set(told.map(({ entity }) => entity.name))).toEqual(new Set(['node-0']));
  });
});

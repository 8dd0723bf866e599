import { describe, expect, test } from 'vitest';
import type { ClusterSnapshot, ContainerState, NodeState, PodState, WorkloadState } from '../../model/index.ts';
import { stateChanges } from './state-changes.ts';

const container: ContainerState = { name: 'app', resources: { requests: {}, limits: {} }, restarts: 0, ready: true };
const pod: PodState = {
  namespace: 'shop',
  name: 'cart-1',
  uid: 'u1',
  resourceVersion: '1',
  phase: 'Running',
  ready: true,
  startedAtMs: 0,
  labels: {},
  containers: [container],
};
const node: NodeState = { name: 'node-1', ready: true, unschedulable: false, allocatable: {}, pressures: [] };
const workload: WorkloadState = {
  ref: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
  uid: 'w1',
  resourceVersion: '1',
  generation: 4,
  observedGeneration: 4,
  labels: {},
  annotations: {},
  replicas: 2,
  readyReplicas: 2,
  updatedReplicas: 2,
  containers: [{ name: 'app', resources: { requests: {}, limits: { memoryBytes: 100 } } }],
};
const at = (atMs: number, parts: Partial<ClusterSnapshot> = {}): ClusterSnapshot => ({
  atMs,
  nodes: [node],
  pods: [pod],
  workloads: [workload],
  ...parts,
});
const podWith = (changed: Partial<ContainerState>) => ({
  pods: [{ ...pod, containers: [{ ...container, ...changed }] }],
});
const workloadWith = (changed: Partial<WorkloadState>) => ({ workloads: [{ ...workload, ...changed }] });

describe('between two snapshots', () => {
  test('nothing happened where nothing changed', () => {
    expect(stateChanges(at(1000), at(2000))).toEqual([]);
  });

  test('a restart with the reason OOMKilled is an OOMKilled of the pod, at the time of the termination', () => {
    const killed = podWith({ restarts: 1, lastTerminationReason: 'OOMKilled', lastTerminatedAtMs: 1500 });
    expect(stateChanges(at(1000), at(2000, killed))).toMatchObject([
      { entity: { kind: 'pod', namespace: 'shop', name: 'cart-1' }, reason: 'OOMKilled', type: 'Warning', atMs: 1500 },
    ]);
  });

  test('the same fact seen from other snapshots has the same id; the next kill has another', () => {
    const first = podWith({ restarts: 1, lastTerminationReason: 'OOMKilled', lastTerminatedAtMs: 1500 });
    const second = podWith({ restarts: 2, lastTerminationReason: 'OOMKilled', lastTerminatedAtMs: 2500 });
    const idOf = (before: ClusterSnapshot, after: ClusterSnapshot) => stateChanges(before, after)[0].id;
    const id = idOf(at(1000), at(2000, first));
    expect(idOf(at(500), at(2400, first))).toBe(id);
    expect(idOf(at(2000, first), at(3000, second))).not.toBe(id);
  });

  test('an orderly end is a normal event, an unknown one a restart', () => {
    const reasons = [{ lastTerminationReason: 'Completed' }, {}].map(
      (reason) => stateChanges(at(1000), at(2000, podWith({ restarts: 1, ...reason })))[0],
    );
    expect(reasons).toMatchObject([
      { reason: 'Completed', type: 'Normal' },
      { reason: 'Restarted', type: 'Warning' },
    ]);
  });

  test.each(['CrashLoopBackOff', 'ImagePullBackOff', 'ErrImagePull'])(
    'a container that now waits with %s',
    (waitingReason) => {
      const waiting = podWith({ waitingReason, ready: false });
      expect(stateChanges(at(1000), at(2000, waiting))).toMatchObject([{ reason: waitingReason, type: 'Warning' }]);
      expect(stateChanges(at(2000, waiting), at(3000, waiting))).toEqual([]);
    },
  );

  test('a container that is only being created is no event', () => {
    expect(stateChanges(at(1000), at(2000, podWith({ waitingReason: 'ContainerCreating' })))).toEqual([]);
  });

  test('a node that is not ready, and ready again', () => {
    const down = at(2000, { nodes: [{ ...node, ready: false }] });
    expect(stateChanges(at(1000), down)).toMatchObject([
      { entity: { kind: 'node', name: 'node-1' }, reason: 'NodeNotReady' },
    ]);
    expect(stateChanges(down, at(3000))).toMatchObject([{ reason: 'NodeReady', type: 'Normal' }]);
  });

  test('a new generation is a rollout', () => {
    expect(stateChanges(at(1000), at(2000, workloadWith({ generation: 5 })))).toMatchObject([
      { entity: { kind: 'workload', name: 'Deployment/cart' }, change: { what: 'rollout', by: 'unknown' } },
    ]);
  });

  test('other replicas are a scaling, and no rollout although the generation grows', () => {
    const events = stateChanges(at(1000), at(2000, workloadWith({ generation: 5, replicas: 4 })));
    expect(events).toMatchObject([{ change: { what: 'scale' }, message: 'cart scaled from 2 to 4 replicas' }]);
  });

  test('both at once are both, and a change by Kybern names the action', () => {
    const containers = [{ name: 'app', resources: { requests: {}, limits: { memoryBytes: 200 } } }];
    const annotations = { 'kybern.dev/last-action': 'act-1' };
    const events = stateChanges(
      at(1000),
      at(2000, workloadWith({ generation: 5, replicas: 4, containers, annotations })),
    );
    expect(events).toMatchObject([
      { change: { what: 'scale', by: 'kybern act-1' } },
      { change: { what: 'rollout', by: 'kybern act-1' } },
    ]);
  });

  test('pods and nodes that come and go are no events of their own', () => {
    const other = { ...pod, uid: 'u2', name: 'cart-2', containers: [{ ...container, restarts: 3 }] };
    expect(stateChanges(at(1000), at(2000, { pods: [other], nodes: [] }))).toEqual([]);
  });
});

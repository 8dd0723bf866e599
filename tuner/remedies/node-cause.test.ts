import { expect, test } from 'vitest';
import type { Cause, ClusterSnapshot } from '../../model/index.ts';
import { targetOfCause } from './target-of-cause.ts';

test('a node that fails or is about to is no workload: nothing is proposed, even where one is called like it', () => {
  const cause: Cause = {
    rank: 1,
    entity: { kind: 'node', namespace: '', name: 'web' },
    code: 'node-failing',
    title: 'Node about to fail',
    probability: 0.95,
    path: [],
    evidence: [],
  };
  const workload = {
    ref: { kind: 'Deployment', namespace: 'shop', name: 'web' },
    uid: 'w1',
    resourceVersion: '1',
    generation: 1,
    observedGeneration: 1,
    labels: {},
    annotations: {},
    replicas: 2,
    readyReplicas: 2,
    updatedReplicas: 2,
    containers: [],
  } as const;
  const snapshot: ClusterSnapshot = { atMs: 0, workloads: [workload], pods: [], nodes: [] };
  expect(targetOfCause(cause, snapshot, new Map([['/web', 'Deployment/shop/web']]))).toBeUndefined();
});

import { expect, test } from 'vitest';
import type { ClusterSnapshot, PodState, WorkloadState } from '../../model/index.ts';
import { cart, createCatalog, identity, samples, startMs, tunerSettings } from '../testing/fake-world.ts';
import { createObservation } from './observation.ts';
import { viewWorkload } from './workload-view.ts';

const resources = { requests: {}, limits: { cpuCores: 1 } };
const workload: WorkloadState = {
  ref: cart,
  uid: 'uid',
  resourceVersion: '1',
  generation: 1,
  observedGeneration: 1,
  labels: {},
  annotations: {},
  replicas: 3,
  readyReplicas: 3,
  updatedReplicas: 3,
  containers: [{ name: 'app', resources }],
};

const pod = (index: number, startedAtMs: number): PodState => ({
  namespace: cart.namespace,
  name: `cart-${index}`,
  uid: `uid-${index}`,
  resourceVersion: '1',
  phase: 'Running',
  ready: true,
  startedAtMs,
  owner: cart,
  labels: {},
  containers: [{ name: 'app', resources, restarts: 0, ready: true }],
});

/** CPU of a workload of three pods, 0.9 cores told of each of the first two, the third up since then. */
function cpuWithThirdPodUpSince(thirdStartedAtMs: number): number | undefined {
  const atMs = startMs + 600_000;
  const catalog = createCatalog();
  const observation = createObservation(catalog, 100);
  const points = [0, 1].map((index) => {
    const labels = { 'k8s.namespace.name': cart.namespace, 'k8s.pod.name': `cart-${index}` };
    return [catalog.intern(identity('k8s.pod.cpu.usage', labels, 'gauge', '{cpu}')), atMs, 0.9] as const;
  });
  const pods = [pod(0, startMs), pod(1, startMs), pod(2, thirdStartedAtMs)];
  const snapshot: ClusterSnapshot = { atMs, workloads: [workload], pods, nodes: [] };
  observation.observe({
    samples: [samples(points)],
    cluster: [{ kind: 'cluster', timeMs: atMs, snapshot, events: [] }],
    calls: [],
    incidents: [],
    slos: [],
  });
  return viewWorkload(observation, workload, atMs, tunerSettings())?.cpuCores;
}

test('a pod that has only just started adds no load of its own', () => {
  expect(cpuWithThirdPodUpSince(startMs + 595_000)).toBeCloseTo(1.8);
});

test('a pod that should have a reading by now counts like the others', () => {
  expect(cpuWithThirdPodUpSince(startMs)).toBeCloseTo(2.7);
});

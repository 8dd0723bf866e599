import { describe, expect, it } from 'vitest';
import { type ClusterSnapshot, entityKey, entityOfLabels, type PodState } from '../../model/index.ts';
import { ageGraph, createGraph, observeCall, observeSnapshot } from './causal-graph.ts';
import { componentsOf } from './components.ts';
import { ownerNameOfPod } from './pod-owner.ts';
import { causesOf, wayBetween } from './reach.ts';
import { createRelationsBook } from './series-relations.ts';

const service = (name: string, namespace = 'shop') => ({ kind: 'service', namespace, name }) as const;
const call = (caller: string, callee: string, atMs = 0) => ({
  caller: service(caller),
  callee: service(callee),
  windowEndMs: atMs,
  windowSeconds: 5,
  calls: 10,
  errors: 1,
  durationSumMs: 100,
});
const pod = (name: string, node: string, owner: string): PodState => ({
  ...{ namespace: 'shop', name, uid: name, resourceVersion: '1', phase: 'Running', ready: true, startedAtMs: 0, node },
  ...{ owner: { kind: 'Deployment', namespace: 'shop', name: owner }, labels: {}, containers: [] },
});
const snapshot = (atMs: number, pods: readonly PodState[]): ClusterSnapshot => ({
  atMs,
  pods,
  workloads: [],
  nodes: [],
});
const series = (labels: Record<string, string>, name = 'm') => {
  const pairs = Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1));
  const entity = entityOfLabels(name, pairs);
  return {
    name,
    labels: pairs,
    kind: 'gauge',
    unit: '',
    origin: 'received',
    id: 0,
    fingerprint: name,
    entity,
  } as const;
};

describe('components', () => {
  it('roll pods and workloads up to the service they serve, by labels named together', () => {
    const graph = createGraph();
    const resource = { 'k8s.namespace.name': 'shop', 'k8s.deployment.name': 'basket', 'service.name': 'cart' };
    createRelationsBook().tell(graph, series({ ...resource, 'k8s.pod.name': 'basket-1' }), 0);
    const { keyOf } = componentsOf(graph);
    const cart = entityKey(service('cart'));
    expect(keyOf('pod|shop|basket-1')).toBe(cart);
    expect(keyOf('workload|shop|Deployment/basket')).toBe(cart);
    expect(keyOf('operation|shop|cart:GET /cart')).toBe(cart);
  });

  it('roll up by ownership and by name where no label says it', () => {
    const graph = createGraph();
    observeSnapshot(graph, snapshot(0, [pod('cart-7d4b9c6f5d-abcde', 'node-1', 'cart')]));
    observeCall(graph, call('frontend', 'cart'));
    const { keyOf, byKey } = componentsOf(graph);
    expect(keyOf('pod|shop|cart-7d4b9c6f5d-abcde')).toBe(entityKey(service('cart')));
    expect(byKey.get(entityKey(service('cart')))!.causes).toEqual(['node||node-1']);
    expect(byKey.get(entityKey(service('cart')))!.callers).toEqual([entityKey(service('frontend'))]);
  });

  it('take a service without a namespace for the only one of that name', () => {
    const graph = createGraph();
    observeCall(graph, call('frontend', 'cart'));
    createRelationsBook().tell(graph, series({ 'service.name': 'cart' }), 0);
    expect(componentsOf(graph).keyOf('service||cart')).toBe(entityKey(service('cart')));
    observeCall(graph, { ...call('frontend', 'cart'), callee: service('cart', 'other') });
    expect(componentsOf(graph).keyOf('service||cart')).toBe('service||cart');
  });

  it('know callers and callees from a service-graph counter', () => {
    const graph = createGraph();
    createRelationsBook().tell(graph, series({ client: 'a', server: 'b' }, 'traces_service_graph_request_total'), 0);
    expect(componentsOf(graph).byKey.get('service||a')!.callees).toEqual(['service||b']);
  });
});

describe('reach', () => {
  const graph = createGraph();
  for (const [caller, callee] of [
    ['front', 'a'],
    ['front', 'b'],
    ['a', 'db'],
    ['b', 'db'],
    ['db', 'front'],
  ]) {
    observeCall(graph, call(caller, callee));
  }
  const components = componentsOf(graph);
  const key = (name: string) => entityKey(service(name));

  it('follows calls backwards, through circles too', () => {
    expect([...causesOf(components, key('front'), 6)]).toEqual([
      [key('front'), 0],
      [key('a'), 1],
      [key('b'), 1],
      [key('db'), 2],
    ]);
    expect(causesOf(components, key('front'), 1).size).toBe(3);
  });

  it('takes of the shortest ways the one that deviates most', () => {
    const way = (hot: string) => wayBetween(components, key('db'), key('front'), 6, (at) => (at === key(hot) ? 1 : 0));
    expect(way('a')).toEqual([key('db'), key('a'), key('front')]);
    expect(way('b')).toEqual([key('db'), key('b'), key('front')]);
    expect(wayBetween(components, 'service|shop|none', key('front'), 6, () => 0)).toBeUndefined();
  });
});

describe('ageing', () => {
  it('forgets connections not seen for long, and pods a while after they left', () => {
    const graph = createGraph();
    observeCall(graph, call('a', 'b', 0));
    observeSnapshot(graph, snapshot(1_000, [pod('x-7d4b9c6f5d-abcde', 'n1', 'x')]));
    observeSnapshot(graph, snapshot(2_000, []));
    ageGraph(graph, 100_000, 60_000, 200_000);
    expect([...graph.edges.values()].map((edge) => edge.kind)).toEqual([]);
    observeSnapshot(graph, snapshot(101_000, [pod('y-7d4b9c6f5d-abcde', 'n1', 'y')]));
    observeSnapshot(graph, snapshot(102_000, []));
    ageGraph(graph, 103_000, 60_000, 500);
    expect([...graph.nodes.keys()].filter((key) => key.startsWith('pod|'))).toEqual([]);
  });

  it('keeps the node a pod was on until the pod has long been elsewhere', () => {
    const graph = createGraph();
    const at = (ms: number, node: string) => observeSnapshot(graph, snapshot(ms, [pod('db-0', node, 'db')]));
    at(0, 'n1');
    at(10_000, 'n2');
    const nodes = () => [...graph.edges.values()].filter((edge) => edge.kind === 'runs-on').map((edge) => edge.to);
    ageGraph(graph, 10_000, 1e9, 60_000);
    expect(nodes()).toEqual(['node||n1', 'node||n2']);
    at(80_000, 'n2');
    ageGraph(graph, 80_000, 1e9, 60_000);
    expect(nodes()).toEqual(['node||n2']);
  });
});

it.each([
  ['cart-579f59597d-wc2lz', 'cart'],
  ['ts-basic-service-5dc8d4f9fd-46997', 'ts-basic-service'],
  ['postgres-0', 'postgres'],
  ['standalone', undefined],
])('the owner of pod %s is %s', (name, owner) => expect(ownerNameOfPod(name)).toBe(owner));

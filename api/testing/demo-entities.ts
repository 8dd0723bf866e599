import type { EntityRef, Topology, TopologyNode } from '../../model/index.ts';

export const service = (name: string): EntityRef => ({ kind: 'service', namespace: 'shop', name });
export const workload = (name: string): EntityRef => ({
  kind: 'workload',
  namespace: 'shop',
  name: `Deployment/${name}`,
});
export const pod = (name: string): EntityRef => ({ kind: 'pod', namespace: 'shop', name });
export const node = (name: string): EntityRef => ({ kind: 'node', namespace: '', name });

const calls: readonly (readonly [string, string, number])[] = [
  ['web', 'frontend', 118],
  ['frontend', 'catalog', 74],
  ['frontend', 'cart', 46],
  ['frontend', 'checkout', 12],
  ['frontend', 'recommend', 31],
  ['checkout', 'cart', 12],
  ['checkout', 'payment', 11],
  ['checkout', 'shipping', 11],
  ['checkout', 'orders-queue', 11],
  ['cart', 'redis', 58],
  ['catalog', 'postgres', 70],
  ['recommend', 'catalog', 31],
  ['orders-queue', 'fulfilment', 11],
];

const health: Readonly<Record<string, TopologyNode['health']>> = {
  cart: 'anomalous',
  frontend: 'anomalous',
  checkout: 'symptom',
};

/** The shop's graph: services that call each other, and what one of them runs on. */
export function demoTopology(seenAt: string): Topology {
  const names = [...new Set(calls.flatMap((call) => call.slice(0, 2) as [string, string]))];
  const at = (entity: EntityRef, state: TopologyNode['health'], anomalies: number): TopologyNode => ({
    entity,
    health: state,
    seenAt,
    anomalies,
  });
  return {
    nodes: [
      ...names.map((name) => at(service(name), health[name] ?? 'healthy', health[name] === undefined ? 0 : 1)),
      at(workload('cart'), 'cause', 2),
      at(pod('cart-6d9f7c-x2x9k'), 'anomalous', 1),
      at(pod('cart-6d9f7c-p4w8d'), 'healthy', 0),
      at(node('node-2'), 'healthy', 0),
    ],
    edges: [
      ...calls.map(([from, to, requestRate]) => ({
        from: service(from),
        to: service(to),
        kind: 'calls' as const,
        requestRate,
        errorRatio: to === 'cart' ? 0.041 : 0.001,
        meanDurationMs: to === 'cart' ? 412 : 18,
        seenAt,
      })),
      { from: workload('cart'), to: service('cart'), kind: 'serves', seenAt },
      { from: workload('cart'), to: pod('cart-6d9f7c-x2x9k'), kind: 'owns', seenAt },
      { from: workload('cart'), to: pod('cart-6d9f7c-p4w8d'), kind: 'owns', seenAt },
      { from: pod('cart-6d9f7c-x2x9k'), to: node('node-2'), kind: 'runs-on', seenAt },
    ],
  };
}

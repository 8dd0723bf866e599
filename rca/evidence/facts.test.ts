import { describe, expect, it } from 'vitest';
import type { ClusterEvent, ClusterSnapshot, ContainerState, PodState } from '../../model/index.ts';
import { createFacts, type Facts, factKindOf, observeCluster } from './facts.ts';

const entity = { kind: 'pod', namespace: 'shop', name: 'cart-1' } as const;
const event = (reason: string, message = '', more: Partial<ClusterEvent> = {}): ClusterEvent => ({
  ...{ id: `${reason}-${more.atMs ?? 0}`, atMs: 0, entity, reason, type: 'Warning', message },
  ...more,
});
const container = (more: Partial<ContainerState> = {}): ContainerState => ({
  ...{ name: 'main', resources: { requests: {}, limits: {} }, restarts: 0, ready: true },
  ...more,
});
const pod = (state: ContainerState, more: Partial<PodState> = {}): PodState => ({
  ...{ namespace: 'shop', name: 'cart-1', uid: '1', resourceVersion: '1', phase: 'Running', ready: state.ready },
  ...{ startedAtMs: -600_000, labels: {}, containers: [state] },
  ...more,
});
const listed = (atMs: number, pods: readonly PodState[], nodes: ClusterSnapshot['nodes'] = []) => ({
  kind: 'cluster' as const,
  timeMs: atMs,
  snapshot: { atMs, pods, nodes, workloads: [] },
  events: [],
});
const told = (facts: Facts) => [...facts.byId.values()].map((fact) => [fact.kind, fact.entity, fact.endedAtMs]);
const cart = 'pod|shop|cart-1';

describe('events', () => {
  it.each([
    ['OOMKilled', '', 'oom-killed'],
    ['BackOff', 'Back-off restarting failed container', 'crash-loop'],
    ['BackOff', 'Back-off pulling image "x"', 'image-pull'],
    ['Failed', 'Failed to pull image "x"', 'image-pull'],
    ['NodeNotReady', '', 'node-not-ready'],
    ['NodeHasDiskPressure', '', 'node-pressure'],
    ['NodeHasNoDiskPressure', '', undefined],
    ['NodeHasSufficientMemory', '', undefined],
    ['Killing', 'Stopping container', undefined],
    ['Started', '', undefined],
  ])('%s (%s) tells %s', (reason, message, kind) => expect(factKindOf(event(reason, message))).toBe(kind));

  it('a change is a change, whatever its reason', () => {
    const change = { what: 'config', by: 'someone' } as const;
    expect(factKindOf(event('ScalingReplicaSet', '', { change }))).toBe('config-change');
  });

  it('the same event twice, or event and state, is one fact', () => {
    const facts = createFacts();
    observeCluster(facts, listed(0, [pod(container())]));
    const killed = event('OOMKilled', '', { atMs: 10_000 });
    observeCluster(facts, { kind: 'cluster', timeMs: 10_000, events: [killed, killed] });
    const after = container({ restarts: 1, lastTerminationReason: 'OOMKilled', lastTerminatedAtMs: 10_000 });
    observeCluster(facts, listed(12_000, [pod(after)]));
    expect(told(facts).filter(([kind]) => kind === 'oom-killed')).toHaveLength(1);
    expect(told(facts).filter(([kind]) => kind === 'restart')).toHaveLength(1);
  });
});

describe('states', () => {
  it('restarts from before the first listing are history', () => {
    const facts = createFacts();
    observeCluster(facts, listed(0, [pod(container({ restarts: 7, lastTerminationReason: 'OOMKilled' }))]));
    expect(told(facts)).toEqual([]);
  });

  it('last until a listing no longer shows them', () => {
    const facts = createFacts();
    observeCluster(facts, listed(0, [pod(container({ ready: false, waitingReason: 'CrashLoopBackOff' }))]));
    expect(told(facts)).toContainEqual(['crash-loop', cart, undefined]);
    observeCluster(facts, listed(20_000, [pod(container())]));
    expect(told(facts)).toContainEqual(['crash-loop', cart, 20_000]);
  });

  it('of a pod that left the cluster are over', () => {
    const facts = createFacts();
    observeCluster(facts, listed(0, [pod(container({ ready: false, waitingReason: 'ImagePullBackOff' }))]));
    observeCluster(facts, listed(5_000, []));
    expect(told(facts)).toContainEqual(['image-pull', cart, 5_000]);
  });

  it('of a young pod that is not ready yet are none', () => {
    const facts = createFacts();
    observeCluster(facts, listed(0, [pod(container({ ready: false }), { startedAtMs: -5_000 })]));
    expect(told(facts)).toEqual([]);
  });

  it('of nodes: not ready and under pressure', () => {
    const facts = createFacts();
    const node = { name: 'n1', ready: false, unschedulable: false, allocatable: {}, pressures: ['MemoryPressure'] };
    observeCluster(facts, listed(0, [], [node]));
    observeCluster(facts, listed(10_000, [], [{ ...node, ready: true, pressures: [] }]));
    expect(told(facts)).toEqual([
      ['node-not-ready', 'node||n1', 10_000],
      ['node-pressure', 'node||n1', 10_000],
    ]);
  });
});

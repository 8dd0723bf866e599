import { describe, expect, test } from 'vitest';
import { annotations, type Change, type WorkloadState } from '../../model/index.ts';
import { cart, cartResources, createFakeCluster, mebibyte } from '../testing/fake-cluster.ts';
import { proposal, settings, startMs } from '../testing/stage.ts';
import { askGates, gates } from './ask-gates.ts';
import type { GateInput, PastWrite } from './gate.ts';
import { qosClassOf } from './qos-class.ts';

async function input(
  change: Change,
  changes: Partial<GateInput> & { readonly live?: Partial<WorkloadState> } = {},
): Promise<GateInput> {
  const cluster = createFakeCluster({ replicas: change.type === 'scale' ? change.from : 2 });
  const { live, ...others } = changes;
  const workload = await cluster.workload(cart);
  const about = proposal(startMs, { changes: [change] });
  return {
    action: {
      id: 'act-1',
      revision: 1,
      proposalId: about.id,
      state: 'proposed',
      target: cart,
      changes: [change],
      createdAt: about.createdAt,
      updatedAt: about.createdAt,
      gates: [],
      reason: '',
      detail: '',
    },
    changes: [change],
    reverting: false,
    proposal: about,
    workload: workload === undefined ? undefined : { ...workload, ...live },
    pods: await cluster.pods(cart),
    cluster: await cluster.snapshot(),
    otherActions: [],
    writes: [],
    mode: 'auto',
    stopped: undefined,
    leads: true,
    auditIntact: true,
    nowMs: startMs + 5000,
    config: settings(),
    ...others,
  };
}

const scale = (from: number, to: number): Change => ({ type: 'scale', from, to });
const memory = (factor: number, part: 'limits' | 'both' = 'both'): Change => ({
  type: 'resources',
  method: 'template',
  container: 'cart',
  from: cartResources,
  to: {
    requests: { ...cartResources.requests, memoryBytes: 128 * mebibyte * (part === 'both' ? factor : 1) },
    limits: { ...cartResources.limits, memoryBytes: 256 * mebibyte * factor },
  },
});
const write = (minutesAgo: number, direction: PastWrite['direction'], actionId = `act-${minutesAgo}`): PastWrite => ({
  atMs: startMs - minutesAgo * 60_000,
  actionId,
  target: 'Deployment/shop/cart',
  namespace: 'shop',
  direction,
});
const denied = (given: GateInput) =>
  askGates(given)
    .filter(({ allowed }) => !allowed)
    .map(({ gate }) => gate);

describe('the gates', () => {
  test('let through what nothing speaks against, and all of them are asked in order', async () => {
    const results = askGates(await input(scale(2, 4)));
    expect(results.filter(({ allowed }) => !allowed)).toEqual([]);
    expect(results).toHaveLength(gates.length);
    expect(results.slice(0, 4).map(({ gate }) => gate)).toEqual(['opt-in', 'mode', 'paused', 'kill-switch']);
  });

  test.each<[string, Change, Partial<GateInput> & { live?: Partial<WorkloadState> }]>([
    ['opt-in', scale(2, 4), { live: { labels: { 'kybern.dev/managed': 'yes' } } }],
    ['leader', scale(2, 4), { auditIntact: false }],
    ['fresh', scale(2, 4), { nowMs: startMs + 121_000 }],
    ['fresh', scale(2, 4), { nowMs: startMs - 61_000 }],
    ['rollout', scale(2, 4), { live: { updatedReplicas: 1 } }],
    ['rollout', scale(2, 4), { live: { generation: 2 } }],
    ['other-owner', scale(2, 4), { live: { otherScaler: 'HorizontalPodAutoscaler/cart' } }],
    ['unchanged', scale(2, 4), { live: { replicas: 3, updatedReplicas: 3 } }],
    ['bounds', scale(19, 21), {}],
    ['bounds', scale(1, 0), {}],
    ['bounds', scale(2, 4), { live: { annotations: { [annotations.maxReplicas]: '1e' } } }],
    ['bounds', memory(2), { live: { annotations: { [annotations.maxMemoryBytes]: String(511 * mebibyte) } } }],
    ['bounds', memory(0.4, 'limits'), {}],
    ['steps', scale(2, 7), {}],
    ['steps', scale(10, 8), {}],
    ['steps', memory(2.1), {}],
    ['steps', memory(0.85), {}],
    ['budget', scale(2, 4), { writes: [2, 3, 4, 5, 6, 7].map((minutes) => write(minutes, 1)) }],
    ['cooldown', scale(2, 4), { writes: [write(0.5, 1)] }],
    ['cooldown', scale(3, 2), { writes: [write(4, 1)] }],
    ['oscillation', scale(2, 4), { writes: [write(40, 1), write(30, -1), write(20, 1), write(10, -1)] }],
  ])('%s forbids %j', async (gate, change, changes) => {
    expect(denied(await input(change, changes))).toContain(gate);
  });

  test("an action's own earlier attempts hold nothing back", async () => {
    expect(denied(await input(scale(2, 4), { writes: [write(0.1, 1, 'act-1')] }))).toEqual([]);
  });

  test('a remedy waits for other remedies, not for a forecast that was just taken up', async () => {
    const remedy = {
      proposal: proposal(startMs, { source: 'diagnosis', changes: [memory(2)] }),
      writes: [write(0.5, 1)],
    };
    const given = await input(memory(2), remedy);
    expect(denied(given)).toEqual([]);
    const other = { ...given.action, id: 'act-0.5', incidentId: 'inc-0' };
    expect(denied({ ...given, otherActions: [other] })).toEqual(['cooldown']);
  });

  test('a remedy may act on a rollout that is stuck, a forecast may not', async () => {
    const live = { updatedReplicas: 1 };
    const remedy = { proposal: proposal(startMs, { source: 'diagnosis', changes: [memory(2)] }), live };
    expect(denied(await input(memory(2), remedy))).toEqual([]);
    expect(denied(await input(memory(2), { live }))).toEqual(['rollout']);
  });

  test('with half of the nodes gone nothing is done', async () => {
    const given = await input(scale(2, 4));
    const nodes = (given.cluster?.nodes ?? []).map((node, index) => ({ ...node, ready: index === 0 }));
    const cluster = { ...given.cluster!, nodes };
    expect(denied({ ...given, cluster })).toContain('cluster-health');
  });

  test('what does not fit on the nodes is not asked of them', async () => {
    const given = await input(scale(2, 4));
    const small = (cpuCores: number) => ({
      ...given.cluster!,
      nodes: given.cluster!.nodes.map((node) => ({ ...node, allocatable: { cpuCores, memoryBytes: 1024 * mebibyte } })),
    });
    // Two pods of half a core run on nodes a and b; c is empty.
    expect(denied({ ...given, cluster: small(0.9) })).toEqual(['node-fit']);
    expect(denied({ ...given, cluster: small(1) })).toEqual([]);
    expect(denied({ ...given, cluster: undefined })).toEqual([]);
  });
});

test("the QoS class is Kubernetes' own", () => {
  const both = { cpuCores: 1, memoryBytes: 1 };
  expect(qosClassOf({ requests: {}, limits: {} })).toBe('BestEffort');
  expect(qosClassOf({ requests: both, limits: both })).toBe('Guaranteed');
  expect(qosClassOf({ requests: {}, limits: both })).toBe('Guaranteed');
  expect(qosClassOf({ requests: { cpuCores: 0.5 }, limits: both })).toBe('Burstable');
});

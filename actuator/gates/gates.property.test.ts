import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  annotations,
  type Change,
  type Mode,
  modes,
  optInLabel,
  type Proposal,
  toEpochMs,
  type WriteOptions,
  type WriteResult,
} from '../../model/index.ts';
import {
  cart,
  cartResources,
  createFakeCluster,
  type FakeCluster,
  mebibyte,
  type WriteFault,
} from '../testing/fake-cluster.ts';
import { createStage, propose, type Stage } from '../testing/stage.ts';

/**
 * No sequence of inputs yields a write that a gate forbids. The witness stands between actuator and cluster, knows the
 * rules by itself (it uses none of the gates' code), and judges every write at the moment it is made.
 */
interface World {
  readonly stage: Stage;
  mode: Mode;
  killed: boolean;
  leads: boolean;
  readonly approved: Set<string>;
  readonly begun: { readonly atMs: number; readonly actionId: string }[];
  readonly broken: string[];
}

const budgets = { target: 2, namespace: 20, cluster: 60 };

type Command = (world: World) => Promise<void>;

const memoryTo = (factor: number) => ({
  requests: { ...cartResources.requests, memoryBytes: 128 * mebibyte * factor },
  limits: { ...cartResources.limits, memoryBytes: 256 * mebibyte * factor },
});

const change = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.integer({ min: -3, max: 6 }).map((by): Change => ({ type: 'scale', from: 2, to: 2 + by })),
  },
  { weight: 1, arbitrary: fc.constant<Change>({ type: 'restart' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('resources' as const),
      method: fc.constantFrom('in-place' as const, 'template' as const),
      container: fc.constantFrom('cart', 'cart', 'cart', 'other'),
      from: fc.constant(cartResources),
      to: fc.constantFrom(...[0.5, 0.95, 1.25, 1.5, 2, 3, Number.NaN].map(memoryTo)),
    }),
  },
);

// A hostile world most of the time forbids everything and tests little.
const mostly = fc.constantFrom(true, true, true, false);
const rarely = mostly.map((value) => !value);

/** A kind of command: how often, drawn from what, and what it does. */
function kind<T>(weight: number, arbitrary: fc.Arbitrary<T>, run: (world: World, value: T) => Promise<void>) {
  return {
    weight,
    arbitrary: arbitrary.map(
      (value): Command =>
        (world) =>
          run(world, value),
    ),
  };
}

const command: fc.Arbitrary<Command> = fc.oneof(
  kind(
    4,
    fc.tuple(change, fc.constantFrom<Proposal['source']>('diagnosis', 'forecast', 'search'), rarely),
    proposeChange,
  ),
  kind(4, fc.integer({ min: 1, max: 90 }), ({ stage }, seconds) => stage.pass(seconds)),
  kind(1, fc.integer({ min: 100, max: 4000 }), async ({ stage }, seconds) => {
    stage.clock.ms += seconds * 1000;
  }),
  kind(1, fc.boolean(), ({ stage }, met) => stage.pass(20, { met, latencyP95Ms: met ? 90 : 900 })),
  kind(1, fc.constantFrom<Mode>(...modes, 'auto', 'auto', 'auto'), async (world, mode) => {
    await world.stage.actuator.setMode(mode, 'ada');
    world.mode = mode;
  }),
  kind(1, rarely, async (world, on) => {
    await world.stage.actuator.setKillSwitch(on, 'ada');
    world.killed = on;
  }),
  kind(2, fc.nat(20), approveOne),
  kind(1, fc.nat(20), revertOne),
  kind(1, mostly, async (world, leads) => {
    world.leads = leads;
  }),
  kind(2, fc.constantFrom<WriteFault>('conflict', 'lost', 'late', 'overload', 'invalid'), async ({ stage }, fault) => {
    stage.cluster.faults.push(fault);
  }),
  kind(1, fc.constant(0), async ({ stage }) => stage.restart('auto')),
  kind(1, rarely, async ({ stage }, full) => {
    stage.diskFull = full;
  }),
  kind(2, ownerEdits(), async ({ stage }, edit) => stage.cluster.edit(cart, edit)),
);

async function proposeChange(
  { stage }: World,
  [value, source, stale]: readonly [Change, Proposal['source'], boolean],
): Promise<void> {
  const now = await stage.cluster.workload(cart);
  // Most proposals fit the live object, else hardly any would get past the first look.
  const replicas = now?.replicas ?? 0;
  const fitting =
    value.type === 'scale' && !stale ? { ...value, from: replicas, to: replicas + value.to - value.from } : value;
  stage.clock.ms += 1;
  await propose(stage, { changes: [fitting], source });
  await stage.pass(6);
}

async function approveOne({ stage, approved }: World, index: number): Promise<void> {
  const waiting = stage.latest().filter(({ state }) => state === 'proposed' || state === 'gated');
  if (waiting.length === 0) return;
  const { id } = waiting[index % waiting.length];
  await stage.actuator.approve(id, 'ada');
  approved.add(id);
}

async function revertOne({ stage, approved }: World, index: number): Promise<void> {
  const done = stage.latest().filter(({ appliedAt }) => appliedAt !== undefined);
  if (done.length === 0) return;
  const { id } = done[index % done.length];
  await stage.actuator.revert(id, 'ada');
  approved.add(id);
}

function ownerEdits() {
  const label = fc.constantFrom('true', 'true', 'true', 'true', 'false', 'TRUE', undefined);
  const annotation = fc.constantFrom<Record<string, string>>(
    {},
    {},
    {},
    { [annotations.paused]: 'true' },
    { [annotations.paused]: 'true' },
    { [annotations.mode]: 'approve' },
    { [annotations.mode]: 'nonsense' },
    { [annotations.maxReplicas]: '3' },
    { [annotations.maxReplicas]: 'many' },
    { [annotations.maxMemoryBytes]: String(300 * mebibyte) },
  );
  return fc
    .tuple(label, annotation, rarely, rarely)
    .map(([value, extra, hpa, rolling]) => (workload: Parameters<Parameters<FakeCluster['edit']>[1]>[0]) => {
      workload.labels = value === undefined ? {} : { [optInLabel]: value };
      const last = workload.annotations[annotations.lastAction];
      workload.annotations = { ...extra, ...(last === undefined ? {} : { [annotations.lastAction]: last }) };
      if (hpa) workload.otherScaler = 'HorizontalPodAutoscaler/cart';
      else delete workload.otherScaler;
      workload.observedGeneration = rolling ? workload.generation - 1 : workload.generation;
    });
}

/** Judges one write by the rules as written down, from live state at that moment. */
async function witness(world: World, { actionId }: WriteOptions, replicas: number | undefined): Promise<void> {
  const { stage, broken } = world;
  const workload = await stage.cluster.workload(cart);
  const action = stage.latest().find(({ id }) => id === actionId);
  if (workload === undefined || action === undefined) {
    broken.push('a write without an action on record');
    return;
  }
  const nowMs = stage.clock.ms;
  const claim = (holds: boolean, rule: string) => {
    if (!holds) broken.push(`${rule} (${actionId}, ${JSON.stringify(action.changes)})`);
  };
  const undo = action.reverting === true;
  const given = workload.annotations;
  const own = given[annotations.mode] === undefined ? 'auto' : given[annotations.mode];
  const byPerson = world.approved.has(actionId);
  const source = stage.decisions.flatMap(({ type, value }) =>
    type === 'proposal' && value.id === action.proposalId ? [value] : [],
  )[0];
  claim(workload.labels[optInLabel] === 'true', 'the owner opted in');
  claim(!world.killed && world.leads, 'the kill switch is off and the lease held');
  claim(world.mode === 'auto' || world.mode === 'approve', 'the mode allows acting');
  claim(own === 'auto' || own === 'approve', "the owner's mode allows acting");
  claim(byPerson || (world.mode === 'auto' && own === 'auto'), 'approved by a person or in auto mode');
  claim(byPerson || undo || source.source !== 'search', 'searches wait for a person');
  claim(given[annotations.paused] === undefined, 'not paused');
  claim(workload.otherScaler === undefined, 'no other scaler');
  claim(workload.observedGeneration >= workload.generation, 'the controller has seen the latest spec');
  const intents = stage.audit().filter((record) => record.event === 'action-intended' && record.actionId === actionId);
  claim(intents.length > 0 && action.state === 'intended', 'the intent is on record');
  if (replicas !== undefined) {
    const most = given[annotations.maxReplicas] === '3' ? 3 : 20;
    claim(given[annotations.maxReplicas] !== 'many', 'bounds can be read');
    claim(replicas >= 1 && replicas <= most, 'within bounds');
    claim(
      undo || (replicas <= Math.max(2 * workload.replicas, workload.replicas + 4) && replicas >= workload.replicas - 1),
      'one step',
    );
  }
  if (undo) return;
  claim(nowMs < toEpochMs(source.expiresAt) && nowMs - toEpochMs(source.createdAt) <= 120_000, 'fresh');
  const others = world.begun.filter((write) => write.actionId !== actionId);
  const paced = source.source !== 'diagnosis' || lowersSomething(action.changes);
  claim(!paced || others.every(({ atMs }) => nowMs - atMs >= 60_000), 'cooldown');
  claim(
    new Set(others.filter(({ atMs }) => nowMs - atMs < 3_600_000).map((write) => write.actionId)).size < budgets.target,
    'budget',
  );
}

function lowersSomething(changes: readonly Change[]): boolean {
  return changes.some(
    (each) =>
      (each.type === 'scale' && each.to < each.from) ||
      (each.type === 'resources' && (each.to.limits.memoryBytes ?? 0) < (each.from.limits.memoryBytes ?? 0)),
  );
}

test('no sequence of inputs yields a write that a gate forbids', async () => {
  let writes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), async (commands) => {
      const cluster = createFakeCluster();
      const world: World = {
        stage: createStage({ cluster, leads: () => world.leads, config: { budgets } }),
        mode: 'auto',
        killed: false,
        leads: true,
        approved: new Set(),
        begun: [],
        broken: [],
      };
      const seen = async (options: WriteOptions, write: () => Promise<WriteResult>, replicas?: number) => {
        if (options.dryRun === true) return write();
        await witness(world, options, replicas);
        world.begun.push({ atMs: world.stage.clock.ms, actionId: options.actionId });
        writes += 1;
        return write();
      };
      const { scale, patchTemplate, resizePod } = cluster;
      cluster.scale = (target, replicas, options) => seen(options, () => scale(target, replicas, options), replicas);
      cluster.patchTemplate = (target, patch, options) => seen(options, () => patchTemplate(target, patch, options));
      cluster.resizePod = (pod, name, to, options) => seen(options, () => resizePod(pod, name, to, options));
      for (const run of commands) await run(world).catch(() => {});
      expect(world.broken).toEqual([]);
    }),
    { numRuns: 150, seed: 20260105 },
  );
  // The property says something only if there were writes to judge.
  expect(writes).toBeGreaterThan(50);
});

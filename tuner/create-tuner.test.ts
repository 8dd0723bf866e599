import { describe, expect, test } from 'vitest';
import { type Action, annotations, type Diagnosis, toTimestamp } from '../model/index.ts';
import { createWorld, incident, type Moment, mebibyte, tunerSettings, type World } from './testing/fake-world.ts';

/** A living meter: the figure with a little seeded noise, so that it is not mistaken for a stuck one. */
function noisy(value: number, second: number): number {
  return value * (1 + 0.01 * Math.sin(second * 12.9898) * Math.cos(second * 78.233));
}

const calm = (second: number): Moment => ({
  cpuPerPod: noisy(0.3, second),
  memoryPerPod: noisy(200 * mebibyte, second),
  rate: noisy(60, second),
});

/** Load rises to three times within 75 s. */
const surge = (second: number): Moment => {
  const factor = 1 + 2 * Math.min(1, second / 75);
  return { ...calm(second), cpuPerPod: Math.min(1, noisy(0.3 * factor, second)), rate: noisy(60 * factor, second) };
};

function diagnosis(world: World, changes: Partial<Diagnosis['causes'][number]>, abstained = false) {
  const usual = incident(world.nowMs);
  const causes = [{ ...usual.diagnosis.causes[0], ...changes }];
  return { ...usual, diagnosis: { ...usual.diagnosis, causes, abstained } };
}

describe('replicas ahead of the load', () => {
  test('calm load proposes nothing', () => {
    const world = createWorld();
    expect(world.pass(600, calm)).toEqual([]);
  });

  test('a rise is met before the pods are saturated, with figures, forecast, cost and baselines', () => {
    const world = createWorld();
    world.pass(300, calm);
    let saturatedAt = 0;
    const proposals = world.pass(90, (second) => {
      const moment = surge(second);
      if (saturatedAt === 0 && (moment.cpuPerPod ?? 0) > 0.8) saturatedAt = second;
      return moment;
    });
    const [first] = proposals;
    expect(first).toMatchObject({ state: 'open', source: 'forecast', target: { name: 'cart' }, risk: 'low' });
    expect(first.changes[0]).toMatchObject({ type: 'scale', from: 2 });
    expect(Date.parse(first.createdAt)).toBeLessThan(world.nowMs - 90_000 + saturatedAt * 1000);
    expect(first.reasons[0]).toMatch(/cart would be \d+ % used in 75 s on 2 replicas; \d keep it at \d+ %/);
    expect(first.forecast?.upper).toBeGreaterThan(first.forecast?.now ?? 0);
    expect(first.cost.after).toBeGreaterThan(first.cost.before);
    expect(first.baselines.map(({ name }) => name)).toEqual(['hpa', 'vpa']);
  });

  test('one proposal is open at a time, renewed while it holds, taken once the replicas are there', () => {
    const world = createWorld();
    world.pass(300, calm);
    world.pass(200, surge);
    expect(world.open('forecast')).toHaveLength(1);
    const [open] = world.open('forecast');
    expect(Date.parse(open.updatedAt ?? '')).toBeGreaterThan(world.nowMs - 70_000);
    const to = open.changes[0].type === 'scale' ? open.changes[0].to : 0;
    expect(to).toBeGreaterThan(2);
    const grown = world.pass(20, (second) => ({
      ...calm(second),
      rate: 180,
      replicas: to,
      cpuPerPod: noisy(1.8 / to, second),
    }));
    expect(grown.at(-1)).toMatchObject({ id: open.id, state: 'taken' });
  });

  test('CPU that pods burn looking for memory is no load: without more traffic nothing is scaled out', () => {
    const starving = (second: number): Moment => ({
      ...calm(second),
      cpuPerPod: noisy(Math.min(1, 0.3 + second / 60), second),
      memoryPerPod: noisy(480 * mebibyte, second),
    });
    const world = createWorld();
    world.pass(300, calm);
    expect(world.pass(60, starving)).toEqual([]);
    const busy = createWorld();
    busy.pass(300, calm);
    busy.pass(60, (second) => ({ ...starving(second), memoryPerPod: 200 * mebibyte }));
    expect(busy.open()[0].changes[0].type).toBe('scale');
  });

  test('bounds of the owner hold, and a database is not scaled unless its owner says how far', () => {
    const bounded = createWorld({ annotations: { [annotations.maxReplicas]: '3' } });
    bounded.pass(300, calm);
    bounded.pass(90, surge);
    expect(bounded.open()[0].changes).toEqual([{ type: 'scale', from: 2, to: 3 }]);
    const database = createWorld({ ref: { kind: 'StatefulSet', namespace: 'shop', name: 'db' } });
    database.pass(300, calm);
    expect(database.pass(90, surge)).toEqual([]);
  });

  test('what was scaled out comes back in slowly once the load has gone, down to what the owner had set', () => {
    const world = createWorld();
    world.pass(300, calm);
    world.pass(90, surge);
    const [change] = world.open()[0].changes;
    const to = change.type === 'scale' ? change.to : 0;
    const after = (second: number): Moment => ({ ...calm(second), replicas: to, cpuPerPod: noisy(0.6 / to, second) });
    expect(world.pass(240, after).filter(({ changes: [change] }) => change.type === 'scale' && change.to < to)).toEqual(
      [],
    );
    world.pass(400, after);
    expect(world.open()[0].changes).toEqual([{ type: 'scale', from: to, to: to - 1 }]);
    const settled = (second: number): Moment => ({ ...calm(second), replicas: 2 });
    world.pass(900, settled);
    expect(world.open()).toEqual([]);
  });
});

describe('memory ahead of its limit', () => {
  const growing =
    (perMinute: number) =>
    (second: number): Moment => ({
      ...calm(second),
      memoryPerPod: noisy((200 + (perMinute * second) / 60) * mebibyte, second * 3),
    });

  test('steady growth that would reach the limit raises it in place, once it has held long enough', () => {
    const world = createWorld();
    world.pass(300, calm);
    expect(world.pass(120, growing(30))).toEqual([]);
    world.pass(120, (second) => growing(30)(second + 120));
    const [open] = world.open('forecast');
    expect(open.changes[0]).toMatchObject({
      type: 'resources',
      method: 'in-place',
      from: { limits: { memoryBytes: 512 * mebibyte } },
    });
    const [change] = open.changes;
    if (change.type !== 'resources') throw new Error('not a change of resources');
    expect(change.to.limits.memoryBytes).toBeGreaterThanOrEqual(768 * mebibyte);
    expect(change.to.requests.memoryBytes).toBeLessThan(change.to.limits.memoryBytes ?? 0);
    expect(change.to.limits.cpuCores).toBe(1);
  });

  test('neither slow growth, nor a high level, nor a step is growth towards the limit', () => {
    for (const at of [
      growing(2),
      (second: number): Moment => ({ ...calm(second), memoryPerPod: noisy(450 * mebibyte, second) }),
      (second: number): Moment => ({
        ...calm(second),
        memoryPerPod: noisy((second < 100 ? 200 : 430) * mebibyte, second),
      }),
    ]) {
      const world = createWorld();
      expect(world.pass(600, at)).toEqual([]);
    }
  });

  test('a Guaranteed pod stays Guaranteed', () => {
    const same = { cpuCores: 0.5, memoryBytes: 512 * mebibyte };
    const world = createWorld({ resources: { requests: same, limits: same } });
    world.pass(400, growing(30));
    const [change] = world.open()[0].changes;
    if (change.type !== 'resources') throw new Error('not a change of resources');
    expect(change.to.requests).toEqual(change.to.limits);
  });
});

describe('remedies', () => {
  test('a kill for memory asks for twice the limit and a restart, as one change', () => {
    const world = createWorld();
    world.pass(60, calm);
    world.tell(incident(world.nowMs));
    const [proposal] = world.pass(10, calm);
    expect(proposal).toMatchObject({ source: 'diagnosis', incidentId: 'inc-1', state: 'open' });
    expect(proposal.changes).toEqual([
      expect.objectContaining({ type: 'resources', method: 'template', container: 'app' }),
      { type: 'restart' },
    ]);
    expect(proposal.changes[0]).toMatchObject({
      to: { limits: { memoryBytes: 1024 * mebibyte }, requests: { memoryBytes: 512 * mebibyte } },
    });
    expect(proposal.reasons).toContain('cart-0 was OOMKilled');
  });

  test('is proposed once, renewed while the incident lasts, withdrawn with it', () => {
    const world = createWorld();
    world.pass(60, calm);
    world.tell(incident(world.nowMs));
    world.pass(200, calm);
    expect(new Set(world.proposals.map(({ id }) => id)).size).toBe(1);
    expect(world.open('diagnosis')[0].revision).toBeGreaterThan(2);
    world.tell(incident(world.nowMs, { state: 'resolved', revision: 2 }));
    world.pass(10, calm);
    expect(world.open('diagnosis')).toEqual([]);
  });

  test('is not repeated for the incident once an action took it', () => {
    const world = createWorld();
    world.pass(60, calm);
    world.tell(incident(world.nowMs));
    const [proposal] = world.pass(10, calm);
    world.tuner.learn(actionOf(proposal.id, world.nowMs, { state: 'applied', appliedAt: toTimestamp(world.nowMs) }));
    expect(world.pass(300, calm).map(({ state }) => state)).toEqual(['taken']);
  });

  test.each([
    ['an unsure diagnosis', { probability: 0.3 }, false],
    ['an abstained one', {}, true],
    ['a crash loop', { code: 'crash-loop' as const }, false],
    ['a bad rollout', { code: 'bad-rollout' as const }, false],
    ['a surge that the replicas bear', { code: 'traffic-surge' as const }, false],
    [
      'something that is not there',
      { entity: { kind: 'workload', namespace: 'shop', name: 'Deployment/gone' } as const },
      false,
    ],
  ])('%s is left to people', (_name, changes, abstained) => {
    const world = createWorld();
    world.pass(60, calm);
    world.tell(diagnosis(world, changes, abstained));
    expect(world.pass(60, calm)).toEqual([]);
  });

  test('finds the workload behind a service and a pod', () => {
    for (const entity of [
      { kind: 'service', namespace: 'shop', name: 'cart' },
      { kind: 'pod', namespace: 'shop', name: 'cart-1' },
    ] as const) {
      const world = createWorld();
      world.pass(60, calm);
      world.tell(diagnosis(world, { entity }));
      expect(world.pass(10, calm)[0].target).toMatchObject({ kind: 'Deployment', name: 'cart' });
    }
  });

  test('saturation of what cannot be scaled asks for more CPU', () => {
    const world = createWorld({ ref: { kind: 'StatefulSet', namespace: 'shop', name: 'db' } });
    const entity = { kind: 'workload', namespace: 'shop', name: 'StatefulSet/db' } as const;
    const busy = (second: number): Moment => ({ ...calm(second), cpuPerPod: noisy(0.97, second) });
    world.pass(60, busy);
    world.tell(diagnosis(world, { code: 'cpu-saturation', entity }));
    expect(world.pass(10, busy)[0].changes[0]).toMatchObject({
      type: 'resources',
      method: 'in-place',
      to: { limits: { cpuCores: 1.5 }, requests: { cpuCores: 0.75 } },
    });
  });
});

describe('the search for a cheaper size', () => {
  const idle = (second: number): Moment => ({
    ...calm(second),
    cpuPerPod: noisy(0.1, second),
    memoryPerPod: noisy(120 * mebibyte, second),
    latencyP95Ms: noisy(50, second),
  });

  test('proposes one small step once it has seen enough', () => {
    const config = { ...tunerSettings(), search: { ...tunerSettings().search, historySeconds: 600 } };
    const world = createWorld({ config });
    expect(world.pass(500, idle)).toEqual([]);
    world.pass(400, idle);
    const [open] = world.open('search');
    expect(open.cost.after).toBeLessThan(open.cost.before);
    expect(open.changes).toEqual([expect.objectContaining({ type: 'resources', method: 'template' })]);
    const [change] = open.changes;
    if (change.type !== 'resources') throw new Error('not a change of resources');
    expect(change.to.limits.memoryBytes).toBeGreaterThanOrEqual(0.9 * 512 * mebibyte);
    expect(change.to.limits.cpuCores).toBeCloseTo(0.9, 6);
  });

  test('leaves a busy workload as it is', () => {
    const config = { ...tunerSettings(), search: { ...tunerSettings().search, historySeconds: 600 } };
    const world = createWorld({ config });
    const busy = (second: number): Moment => ({
      ...idle(second),
      cpuPerPod: noisy(0.6, second),
      memoryPerPod: noisy(400 * mebibyte, second),
    });
    expect(world.pass(1200, busy)).toEqual([]);
  });
});

describe('learning', () => {
  test("keeps to a person's no for a while", () => {
    const world = createWorld();
    world.pass(300, calm);
    world.pass(90, surge);
    const [open] = world.open();
    world.tuner.learn(actionOf(open.id, world.nowMs, { state: 'rejected' }));
    const later = world.pass(600, (second) => surge(second + 90));
    expect(later.filter(({ state }) => state === 'open')).toEqual([]);
  });

  test('lowers nothing for an hour after a lowering that went wrong', () => {
    const world = createWorld();
    world.pass(60, calm);
    const lowered = { changes: [{ type: 'scale' as const, from: 4, to: 3 }], state: 'reverted' as const };
    world.tuner.learn(actionOf('prp-x', world.nowMs, { ...lowered, appliedAt: toTimestamp(world.nowMs) }));
    const idle = (second: number): Moment => ({
      ...calm(second),
      replicas: second < 30 ? 2 : 4,
      cpuPerPod: noisy(0.1, second),
    });
    expect(world.pass(900, idle)).toEqual([]);
  });
});

function actionOf(proposalId: string, atMs: number, changes: Partial<Action>): Action {
  const at = toTimestamp(atMs);
  return {
    id: `act-${proposalId}`,
    revision: 1,
    proposalId,
    state: 'applied',
    target: { kind: 'Deployment', namespace: 'shop', name: 'cart' },
    changes: [{ type: 'scale', from: 2, to: 4 }],
    createdAt: at,
    updatedAt: at,
    gates: [],
    reason: '',
    detail: '',
    ...changes,
  };
}

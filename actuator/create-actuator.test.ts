import { describe, expect, test } from 'vitest';
import { annotations, KybernError, toTimestamp } from '../model/index.ts';
import { verifyAuditChain } from './audit/audit-chain.ts';
import { cart, cartResources, createFakeCluster, mebibyte } from './testing/fake-cluster.ts';
import { createStage, propose } from './testing/stage.ts';

const moreMemory = {
  requests: { ...cartResources.requests, memoryBytes: 256 * mebibyte },
  limits: { ...cartResources.limits, memoryBytes: 512 * mebibyte },
};

describe('an action in auto mode', () => {
  test('is written down, done and verified once the SLO has held for the window', async () => {
    const stage = createStage();
    await propose(stage);
    await stage.pass(200, { met: true });
    expect(stage.cluster.recorded).toEqual([
      expect.objectContaining({ verb: 'scale', effective: true, target: 'Deployment/shop/cart' }),
    ]);
    expect(stage.events()).toEqual([
      'started',
      'action-proposed',
      'action-intended',
      'action-applied',
      'action-verified',
    ]);
    const [action] = stage.latest();
    expect(action).toMatchObject({
      state: 'verified',
      approvedBy: 'auto',
      outcome: { sloBefore: true, sloAfter: true, costChange: 1 },
    });
    expect(stage.cluster.announced).toEqual(['KybernApplied', 'KybernVerified']);
    expect(verifyAuditChain(stage.audit())).toMatchObject({ ok: true });
  });

  test('that brings a broken SLO back says after how long', async () => {
    const stage = createStage();
    await stage.pass(5, { met: false, latencyP95Ms: 900 });
    await propose(stage, { source: 'diagnosis', incidentId: 'inc-1' });
    await stage.pass(1, { met: false });
    const writtenMs = stage.clock.ms;
    await stage.pass(20, { met: false });
    await stage.pass(40, { met: true });
    const [action] = stage.latest();
    expect(action).toMatchObject({
      state: 'verified',
      incidentId: 'inc-1',
      outcome: { sloBefore: false, sloAfter: true },
    });
    expect(action.appliedAt).toBe(toTimestamp(writtenMs));
    expect(action.outcome?.recoverySeconds).toBe(21);
  });

  test('rolls a workload once for a memory change and a restart together', async () => {
    const stage = createStage();
    const resources = {
      type: 'resources',
      method: 'template',
      container: 'cart',
      from: cartResources,
      to: moreMemory,
    } as const;
    await propose(stage, { source: 'diagnosis', changes: [resources, { type: 'restart' }] });
    await stage.pass(2);
    expect(stage.cluster.recorded.map(({ verb }) => verb)).toEqual(['patch-template']);
    expect((await stage.cluster.workload(cart))?.containers[0].resources).toEqual(moreMemory);
  });

  test('resizes pods in place one by one', async () => {
    const stage = createStage();
    const resources = {
      type: 'resources',
      method: 'in-place',
      container: 'cart',
      from: cartResources,
      to: moreMemory,
    } as const;
    await propose(stage, { changes: [resources] });
    await stage.pass(2);
    expect(stage.cluster.recorded.map(({ verb, effective }) => [verb, effective])).toEqual([
      ['resize-pod', true],
      ['resize-pod', true],
    ]);
    expect(stage.latest()[0].state).toBe('applied');
  });

  test('whose rollout does not complete is undone once, and after two of these the circuit is open', async () => {
    const stage = createStage({ config: { verifySeconds: 20 } });
    stage.cluster.stuck = true;
    await propose(stage);
    await stage.pass(25);
    expect(stage.latest()[0].state).toBe('reverted');
    expect((await stage.cluster.workload(cart))?.replicas).toBe(2);
    stage.cluster.edit(cart, (workload) => {
      workload.updatedReplicas = 2;
    });
    await stage.pass(60);
    await propose(stage);
    await stage.pass(30);
    stage.cluster.edit(cart, (workload) => {
      workload.updatedReplicas = 2;
    });
    await stage.pass(60);
    await propose(stage);
    await stage.pass(10);
    expect(stage.latest().at(-1)).toMatchObject({ state: 'gated', detail: expect.stringContaining('circuit') });
    expect(stage.cluster.recorded.filter(({ effective }) => effective)).toHaveLength(4);
  });

  test('that lowers something is undone when the SLO breaks', async () => {
    const cluster = createFakeCluster({ replicas: 3 });
    const stage = createStage({ cluster });
    await stage.pass(2, { met: true });
    await propose(stage, { changes: [{ type: 'scale', from: 3, to: 2 }] });
    await stage.pass(3, { met: true });
    expect((await cluster.workload(cart))?.replicas).toBe(2);
    await stage.pass(100, { met: false, latencyP95Ms: 800 });
    expect((await cluster.workload(cart))?.replicas).toBe(3);
    expect(stage.latest()[0]).toMatchObject({ state: 'reverted', reverting: true });
  });

  test('that adds capacity is not taken back because the load goes on rising', async () => {
    const stage = createStage();
    await stage.pass(2, { met: true });
    await propose(stage);
    await stage.pass(3, { met: true });
    await stage.pass(200, { met: false, latencyP95Ms: 800 });
    expect((await stage.cluster.workload(cart))?.replicas).toBe(4);
    expect(stage.latest()[0]).toMatchObject({ state: 'failed', outcome: { sloAfter: false } });
  });
});

describe('what holds an action back', () => {
  test('objects without the label are never touched, and no action is made of their proposals', async () => {
    const stage = createStage({ cluster: createFakeCluster({ labels: {} }) });
    await propose(stage);
    await stage.pass(30, { met: true });
    expect(stage.cluster.recorded).toEqual([]);
    expect(stage.latest()).toEqual([]);
  });

  test.each(['observe', 'recommend'] as const)('in mode %s nothing is done', async (mode) => {
    const stage = createStage({ mode });
    await propose(stage);
    await stage.pass(30);
    expect(stage.latest()).toEqual([]);
    expect(stage.cluster.recorded).toEqual([]);
  });

  test('in mode approve it waits for a person, whose name stays with it', async () => {
    const stage = createStage({ mode: 'approve' });
    await propose(stage);
    await stage.pass(10);
    const [waiting] = stage.latest();
    expect(waiting).toMatchObject({ state: 'proposed', detail: expect.stringContaining('waits for approval') });
    expect(stage.events().filter((event) => event.startsWith('action'))).toHaveLength(2);
    await stage.actuator.approve(waiting.id, 'ada');
    await stage.pass(2);
    expect(stage.latest()[0]).toMatchObject({ state: 'applied', approvedBy: 'ada' });
    expect(stage.audit().find(({ event }) => event === 'action-approved')).toMatchObject({ actor: 'ada' });
  });

  test('what a search proposes waits for a person even in auto mode', async () => {
    const stage = createStage();
    await propose(stage, { source: 'search' });
    await stage.pass(5);
    expect(stage.cluster.recorded).toEqual([]);
    expect(stage.latest()[0]).toMatchObject({ state: 'proposed' });
  });

  test("an owner's annotation narrows the mode, and one that nobody understands reads as observe", async () => {
    for (const mode of ['recommend', 'approve', 'yes please']) {
      const stage = createStage();
      stage.cluster.edit(cart, (workload) => {
        workload.annotations = { [annotations.mode]: mode };
      });
      await propose(stage);
      await stage.pass(10);
      expect(stage.cluster.recorded).toEqual([]);
    }
  });

  test('the kill switch stops everything, survives a restart, and lets go when it is off', async () => {
    const stage = createStage();
    await stage.actuator.tick();
    await stage.actuator.setKillSwitch(true, 'ada');
    stage.restart();
    await propose(stage);
    await stage.pass(10);
    expect(stage.actuator.killSwitch).toBe(true);
    expect(stage.cluster.recorded).toEqual([]);
    expect(stage.latest()[0]).toMatchObject({ state: 'gated', detail: expect.stringContaining('kill-switch') });
    await stage.actuator.setKillSwitch(false, 'ada');
    await stage.pass(2);
    expect(stage.cluster.recorded).toHaveLength(1);
    expect(stage.audit().filter(({ event }) => event === 'kill-switch')).toHaveLength(2);
  });

  test('a kill switch turned on while the disk was full was off again after a restart', async () => {
    const stage = createStage();
    await stage.actuator.tick();
    stage.diskFull = true;
    await expect(stage.actuator.setKillSwitch(true, 'ada')).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    expect(stage.actuator.killSwitch).toBe(true);
    await stage.pass(3);
    stage.diskFull = false;
    await stage.pass(1);
    stage.restart();
    await propose(stage);
    await stage.pass(10);
    expect(stage.actuator.killSwitch).toBe(true);
    expect(stage.cluster.recorded).toEqual([]);
    const orders = stage.audit().filter(({ event }) => event === 'kill-switch');
    expect(orders).toMatchObject([{ actor: 'ada', after: { on: true } }]);
    expect(verifyAuditChain(stage.audit())).toMatchObject({ ok: true });
  });

  test('a kill switch set between the intent and the call stops the call', async () => {
    const stage = createStage({ config: { serverDryRun: false } });
    await stage.actuator.tick();
    const files = stage.files;
    const push = stage.decisions.push.bind(stage.decisions);
    stage.decisions.push = (...items) => {
      if (items.some(({ type, value }) => type === 'audit' && value.event === 'action-intended')) {
        files.set('kill-switch', new TextEncoder().encode('on'));
      }
      return push(...items);
    };
    await propose(stage);
    await stage.pass(3);
    expect(stage.cluster.recorded).toEqual([]);
    expect(stage.latest()[0]).toMatchObject({ state: 'gated' });
    expect(stage.events()).toContain('action-intended');
  });

  test('a kill switch that cannot be understood counts as on', async () => {
    const stage = createStage();
    stage.files.set('kill-switch', new Uint8Array([0xff, 0x00]));
    await propose(stage);
    await stage.pass(5);
    expect(stage.cluster.recorded).toEqual([]);
    expect(stage.actuator.killSwitch).toBe(true);
  });

  test('old evidence, an expired proposal and one that was superseded are not acted on', async () => {
    const stage = createStage({ mode: 'approve' });
    await propose(stage);
    await stage.pass(1);
    stage.clock.ms += 200_000;
    await stage.actuator.approve(stage.latest()[0].id, 'ada');
    await stage.pass(1);
    expect(stage.latest()[0]).toMatchObject({ state: 'gated', detail: expect.stringContaining('fresh') });
    stage.clock.ms += 200_000;
    await stage.pass(1);
    expect(stage.latest()[0]).toMatchObject({ state: 'expired' });
    expect(stage.cluster.recorded).toEqual([]);
  });

  test('without an audit log there is no action', async () => {
    const stage = createStage();
    stage.diskFull = true;
    await propose(stage);
    await stage.pass(10);
    expect(stage.cluster.recorded).toEqual([]);
    stage.diskFull = false;
    await stage.pass(5);
    expect(stage.cluster.recorded).toHaveLength(1);
    expect(verifyAuditChain(stage.audit())).toMatchObject({ ok: true });
  });

  test('who does not hold the lease does not write', async () => {
    const stage = createStage({ leads: () => false });
    await propose(stage);
    await stage.pass(10);
    expect(stage.cluster.recorded).toEqual([]);
  });

  test('another scaler on the target, or a person who changed it, comes first', async () => {
    const other = createStage();
    other.cluster.edit(cart, (workload) => {
      workload.otherScaler = 'HorizontalPodAutoscaler/cart';
    });
    await propose(other);
    await other.pass(10);
    expect(other.cluster.recorded).toEqual([]);
    const person = createStage();
    person.cluster.edit(cart, (workload) => {
      workload.replicas = 3;
    });
    await propose(person);
    await person.pass(10);
    expect(person.latest()[0]).toMatchObject({ state: 'expired' });
    expect(person.cluster.recorded).toEqual([]);
  });
});

describe('a person', () => {
  test('can reject, and an action that is over cannot be approved any more', async () => {
    const stage = createStage({ mode: 'approve' });
    await propose(stage);
    await stage.pass(2);
    const [{ id }] = stage.latest();
    await expect(stage.actuator.reject(id, 'ada')).resolves.toMatchObject({ state: 'rejected' });
    await expect(stage.actuator.approve(id, 'ada')).rejects.toThrow(KybernError);
    await expect(stage.actuator.approve('act-none', 'ada')).rejects.toMatchObject({ code: 'KYBERN_NOT_FOUND' });
    await stage.pass(10);
    expect(stage.cluster.recorded).toEqual([]);
  });

  test('can have an action undone', async () => {
    const stage = createStage();
    await propose(stage);
    await stage.pass(3);
    await stage.actuator.revert(stage.latest()[0].id, 'ada');
    await stage.pass(2);
    expect(stage.latest()[0]).toMatchObject({ state: 'reverted' });
    expect((await stage.cluster.workload(cart))?.replicas).toBe(2);
  });

  test("does not have somebody else's change undone with it", async () => {
    const stage = createStage();
    await propose(stage);
    await stage.pass(3);
    stage.cluster.edit(cart, (workload) => {
      workload.replicas = 7;
    });
    await stage.actuator.revert(stage.latest()[0].id, 'ada');
    await stage.pass(5);
    expect((await stage.cluster.workload(cart))?.replicas).toBe(7);
    expect(stage.latest()[0]).toMatchObject({ state: 'failed' });
  });

  test('changes the mode for good, until the configuration changes', async () => {
    const stage = createStage({ mode: 'auto' });
    await stage.actuator.tick();
    await stage.actuator.setMode('observe', 'ada');
    stage.restart('auto');
    expect(stage.actuator.mode).toBe('observe');
    stage.restart('recommend');
    expect(stage.actuator.mode).toBe('recommend');
  });
});

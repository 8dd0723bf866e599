import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { verifyAuditChain } from '../audit/audit-chain.ts';
import { cart, cartResources, mebibyte, type WriteFault } from '../testing/fake-cluster.ts';
import { createStage, propose, type Stage } from '../testing/stage.ts';

const moreMemory = {
  requests: { ...cartResources.requests, memoryBytes: 256 * mebibyte },
  limits: { ...cartResources.limits, memoryBytes: 512 * mebibyte },
};
const template = {
  type: 'resources',
  method: 'template',
  container: 'cart',
  from: cartResources,
  to: moreMemory,
} as const;
const inPlace = { ...template, method: 'in-place' } as const;

/** Starts a tick and gives it time to get as far as it can, without waiting for a call that never answers. */
async function beginTick(stage: Stage): Promise<void> {
  stage.clock.ms += 1000;
  void stage.actuator.tick();
  for (let turn = 0; turn < 200; turn++) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

function effective(stage: Stage): number {
  return stage.cluster.recorded.filter((write) => write.effective).length;
}

/** Every write that took effect has its intent and its outcome in the log, in that order. */
function expectCompleteAudit(stage: Stage): void {
  expect(verifyAuditChain(stage.audit())).toMatchObject({ ok: true });
  const events = stage.events();
  const intents = events.filter((event) => event === 'action-intended').length;
  const outcomes = events.filter((event) => event === 'action-applied' || event === 'action-reverted').length;
  expect(intents).toBeGreaterThanOrEqual(outcomes);
  expect(outcomes).toBe(1);
}

describe('killed', () => {
  test('between intent and call: read back, not there, done once after the settling time', async () => {
    const stage = createStage();
    stage.cluster.faults.push('hang-before');
    await propose(stage);
    await beginTick(stage);
    expect(stage.latest()[0].state).toBe('intended');
    stage.restart();
    await stage.pass(10);
    expect(effective(stage)).toBe(0);
    await stage.pass(60);
    expect(effective(stage)).toBe(1);
    expectCompleteAudit(stage);
  });

  test.each([
    ['scale', [{ type: 'scale', from: 2, to: 4 } as const]],
    ['template and restart', [template, { type: 'restart' } as const]],
    ['restart', [{ type: 'restart' } as const]],
  ])('between call and outcome (%s): read back, there, not done again', async (_name, changes) => {
    const stage = createStage();
    stage.cluster.faults.push('hang-after');
    await propose(stage, { changes: [...changes] });
    await beginTick(stage);
    expect(stage.latest()[0].state).toBe('intended');
    stage.restart();
    await stage.pass(60);
    expect(effective(stage)).toBe(1);
    expect(stage.latest()[0]).toMatchObject({ state: 'applied', detail: 'read back: it took effect' });
    expectCompleteAudit(stage);
  });

  test('between two pods: the second is resized, the first not again', async () => {
    const stage = createStage();
    stage.cluster.faults.push('none', 'hang-before');
    await propose(stage, { changes: [inPlace] });
    await beginTick(stage);
    stage.restart();
    await stage.pass(90);
    expect(effective(stage)).toBe(2);
    for (const pod of await stage.cluster.pods(cart)) expect(pod.containers[0].resources).toEqual(moreMemory);
    expectCompleteAudit(stage);
  });

  test('after the outcome: nothing more happens', async () => {
    const stage = createStage();
    await propose(stage);
    await stage.pass(2);
    stage.restart();
    await stage.pass(60);
    expect(effective(stage)).toBe(1);
    expectCompleteAudit(stage);
  });

  test('again and again at any point: one effect, one outcome', async () => {
    const fault = fc.constantFrom<WriteFault>(
      'hang-before',
      'hang-after',
      'lost',
      'late',
      'conflict',
      'overload',
      'none',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 5 }), async (faults) => {
        const stage = createStage({ config: { freshnessSeconds: 3600 } });
        stage.cluster.faults.push(...faults);
        await propose(stage);
        for (let life = 0; life < faults.length + 1; life++) {
          await beginTick(stage);
          stage.restart();
          for (let second = 0; second < 25; second++) await beginTick(stage);
          stage.restart();
        }
        expect(effective(stage)).toBeLessThanOrEqual(1);
        expect((await stage.cluster.workload(cart))?.replicas).toBe(effective(stage) === 1 ? 4 : 2);
        expect(verifyAuditChain(stage.audit())).toMatchObject({ ok: true });
        const outcomes = stage.events().filter((event) => event === 'action-applied').length;
        expect(outcomes).toBeLessThanOrEqual(effective(stage));
      }),
      { numRuns: 60 },
    );
  });
});

describe('a call', () => {
  test('that met a newer object is judged anew and made with the fresh version', async () => {
    const stage = createStage();
    stage.cluster.faults.push('conflict');
    await propose(stage);
    await stage.pass(2);
    expect(stage.cluster.recorded.map((write) => write.effective)).toEqual([false, true]);
    expect(stage.events().filter((event) => event === 'action-intended')).toHaveLength(2);
  });

  test('that conflicts again and again is left for the next look, not hammered', async () => {
    const stage = createStage();
    stage.cluster.faults.push('conflict', 'conflict', 'conflict', 'conflict');
    await propose(stage);
    await stage.pass(1);
    expect(stage.cluster.recorded).toHaveLength(3);
    expect(stage.latest()[0].state).toBe('gated');
    await stage.pass(10);
    expect(effective(stage)).toBe(1);
  });

  test('of unknown fate that took effect is found so', async () => {
    const stage = createStage();
    stage.cluster.faults.push('late');
    await propose(stage);
    await stage.pass(3);
    expect(stage.latest()[0].state).toBe('applied');
    expect(stage.cluster.recorded).toHaveLength(1);
  });

  test('of unknown fate that did not is not repeated before it has settled', async () => {
    const stage = createStage();
    stage.cluster.faults.push('lost');
    await propose(stage);
    await stage.pass(10);
    expect(stage.cluster.recorded).toHaveLength(1);
    expect(stage.latest()[0].state).toBe('unknown');
    await stage.pass(60);
    expect(effective(stage)).toBe(1);
  });

  test('that is refused as invalid fails; one refused for now is tried again later', async () => {
    const invalid = createStage();
    invalid.cluster.faults.push('invalid');
    await propose(invalid);
    await invalid.pass(30);
    expect(invalid.latest()[0]).toMatchObject({ state: 'failed' });
    expect(invalid.cluster.recorded).toHaveLength(1);
    const busy = createStage();
    busy.cluster.faults.push('overload');
    await propose(busy);
    await busy.pass(5);
    expect(busy.latest()[0]).toMatchObject({ state: 'gated' });
    await busy.pass(20);
    expect(effective(busy)).toBe(1);
  });

  test('is not made while the API server is away, and the age of the evidence counts once it is back', async () => {
    const stage = createStage();
    await stage.actuator.tick();
    stage.cluster.down = true;
    await propose(stage);
    await stage.pass(10);
    stage.cluster.down = false;
    stage.clock.ms += 200_000;
    await stage.pass(10);
    expect(stage.cluster.recorded).toEqual([]);
  });
});

import { expect, test } from 'vitest';
import type { ModelVersions } from '../../../../detectors/lstm/versions/index.ts';
import { KybernError, type Metrics, noMetrics, type ProcessModels } from '../../../../model/index.ts';
import { createModelUpkeep } from './model-upkeep.ts';
import type { GroupModels } from './open-group-models.ts';
import { createSharedModelDesk } from './shared-model-desk.ts';

/** A process whose versions cannot be loaded as long as `failure` is there; each sleep of a loop lasts one turn. */
function upkeepOf(world: { failure?: KybernError; inUse: string; decider: string }) {
  const [told, logged, behind] = [[], [], []] as [ProcessModels[], string[], number[]];
  const stop = new AbortController();
  let nowMs = 0;
  const versions = {
    classes: ['default'],
    servingOf: () => 'mine',
    inUse: () => world.inUse,
    async takeIn() {
      if (world.failure === undefined) world.inUse = 'mine';
      return new Map(world.failure === undefined ? [] : [['default', world.failure]]);
    },
  } as unknown as ModelVersions;
  const metrics: Metrics = {
    ...noMetrics,
    gauge: (name) => ({ set: (value) => void (name === 'kybern_model_classes_behind' && behind.push(value)) }),
  };
  const upkeep = createModelUpkeep({
    ...{ versions, metrics, name: 'a', classes: [] },
    group: {
      run: async (signal: AbortSignal) =>
        new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve())),
      tell: async (one: ProcessModels) => void told.push(one),
      processes: () => told,
    } as unknown as GroupModels,
    networks: { serving: new Map([['default', 'c'.repeat(64)]]) },
    trainer: { start: async () => {}, status: () => ({ state: 'training', epoch: 2, of: 8 }) },
    decider: () => world.decider,
    clock: {
      now: () => nowMs,
      async sleep(milliseconds, signal) {
        nowMs += milliseconds;
        await new Promise((turn) => setImmediate(turn));
        return signal?.aborted !== true;
      },
    },
    logger: { error: (_fields: object, text: string) => void logged.push(text) } as never,
  });
  return { upkeep, told, logged, behind, stop };
}

test('what cannot be loaded is told with its code, to people and to the others, and tried again until it can', async () => {
  const world = { failure: new KybernError('KYBERN_MODEL', 'no memory for it'), inUse: 'shipped', decider: 'b' };
  const { upkeep, told, logged, behind, stop } = upkeepOf(world);
  await upkeep.takeIn();
  await upkeep.takeIn();
  expect(upkeep.standing()).toEqual({
    ...{ part: 'models', ready: false, spared: true },
    detail: 'default: KYBERN_MODEL no memory for it',
  });
  expect(logged).toEqual(['class default: mine cannot be loaded, shipped serves on: no memory for it']);
  const running = upkeep.run(stop.signal);
  while (told.length < 1) await new Promise((turn) => setImmediate(turn));
  Reflect.deleteProperty(world, 'failure');
  while (told.at(-1)?.serving[0]?.code !== undefined) await new Promise((turn) => setImmediate(turn));
  stop.abort();
  await running;
  expect(told[0]!.serving[0]).toMatchObject({ model: 'shipped', code: 'KYBERN_MODEL', detail: 'no memory for it' });
  expect(told.at(-1)!.serving[0]).toEqual({ class: 'default', model: 'mine', sha256: 'c'.repeat(64) });
  expect(told[0]).not.toHaveProperty('training');
  // It has gone: nobody is to count it any more.
  expect(told.at(-2)!.atMs).toBeGreaterThan(0);
  expect(told.at(-1)!.atMs).toBe(0);
  expect([behind[0], behind.at(-1), upkeep.standing().ready]).toEqual([1, 0, true]);
});

test('who decides tells how training goes, and the others pass it on but do not train', async () => {
  const { upkeep, told, stop } = upkeepOf({ inUse: 'mine', decider: 'a' });
  const running = upkeep.run(stop.signal);
  while (told.length < 1) await new Promise((turn) => setImmediate(turn));
  stop.abort();
  await running;
  expect(told[0]!.training).toEqual({ state: 'training', epoch: 2, of: 8 });
  const versions = {
    classes: ['default'],
    servingOf: () => 'mine',
    sinceMsOf: () => 5,
    list: () => [],
    history: () => [],
  } as unknown as ModelVersions;
  const desk = createSharedModelDesk({
    ...{ versions, name: 'b', decider: () => 'a', processes: () => told },
    trainer: { start: async () => {}, status: () => ({ state: 'idle' }) },
    config: { classes: [] } as never,
  });
  expect(desk.overview()).toMatchObject({
    serving: [{ class: 'default', model: 'mine', sinceMs: 5 }],
    training: { state: 'training', epoch: 2 },
  });
  await expect(desk.train('default', 'ada')).rejects.toMatchObject({ code: 'KYBERN_NOT_DECIDER' });
});

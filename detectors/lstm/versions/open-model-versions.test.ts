import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type HeldOutErrors, noMetrics } from '../../../model/index.ts';
import { exportNetwork } from '../onnx/export-network.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { ModelsConfig } from './config.ts';
import type { EvaluateModel, ModelVersions, NewModelCard } from './model-versions.ts';
import { openModelVersions } from './open-model-versions.ts';

const settings = {
  ...Value.Parse(ModelsConfig, Value.Default(ModelsConfig, {})),
  classes: [{ name: 'http', match: ['http_*'] }],
};
const better: HeldOutErrors = { points: 5000, series: 40, candidate: 0.3, serving: 0.4, ridge: 0.35, lastValue: 0.5 };
const worse: HeldOutErrors = { ...better, candidate: 0.5 };
const ada = { by: 'ada', reason: 'as measured' };

let directory: string;
let served: [modelClass: string, file: string][];
let damaged: string[];
let nowMs: number;
let stepMs: number;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kybern-versions-'));
  served = [];
  damaged = [];
  nowMs = Date.UTC(2026, 4, 11, 2, 15);
  stepMs = 1000;
});
afterEach(() => rm(directory, { recursive: true }));

function open(config: Partial<ModelsConfig> = {}, evaluate?: EvaluateModel): Promise<ModelVersions> {
  return openModelVersions(
    {
      kept: directory,
      shipped: { path: 'shipped.onnx', sha256: 'a'.repeat(64) },
      networks: {
        prepare: async (path) =>
          path === 'shipped.onnx' ? path : (await readFile(`${path}.sha256`, 'utf8')).slice(0, 64),
        use: async (modelClass, sha256) => void served.push([modelClass, sha256]),
      },
      ...(evaluate === undefined ? {} : { evaluate }),
      clock: { now: () => (nowMs += stepMs) },
      metrics: noMetrics,
      damaged: (detail) => damaged.push(detail),
    },
    { ...settings, ...config },
  );
}

const networks = new Map<number, Uint8Array>();
function network(seed: number): Uint8Array {
  const made = networks.get(seed) ?? exportNetwork(randomWeights(seed), 'gemm');
  networks.set(seed, made);
  return made;
}

function cardFor(bytes: Uint8Array, heldOut?: HeldOutErrors, modelClass = 'default'): NewModelCard {
  return {
    ...{ class: modelClass, origin: 'fine-tuned', parent: 'shipped', seed: 1, seconds: 60 },
    sha256: createHash('sha256').update(bytes).digest('hex'),
    ...(heldOut === undefined ? {} : { heldOut }),
  };
}

const add = (versions: ModelVersions, seed: number, heldOut?: HeldOutErrors, modelClass?: string) =>
  versions.add(cardFor(network(seed), heldOut, modelClass), network(seed));

describe('the versions of the network', () => {
  test('begin with the shipped one, for every class', async () => {
    const versions = await open();
    expect(versions.classes).toEqual(['default', 'http']);
    expect(['http_requests_total', 'up'].map(versions.classOf)).toEqual(['http', 'default']);
    expect(versions.servingOf('http')).toBe('shipped');
    expect(versions.list()).toMatchObject([{ id: 'shipped', standing: 'promoted' }]);
    expect(() => versions.servingOf('cpu')).toThrow('there are default, http');
    await expect(versions.promote('shipped', ada)).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
    await expect(versions.rollback('http', ada)).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
  });

  test('the same network may come twice in one second: as trained, and brought back as an own one', async () => {
    const versions = await open();
    stepMs = 0;
    const ids = [await add(versions, 1, better, 'http'), await add(versions, 1, better, 'http')].map(({ id }) => id);
    expect(ids[1]).toBe(`${ids[0]}-2`);
    expect(versions.list().map(({ id }) => id)).toEqual(expect.arrayContaining(ids));
    expect((await open()).list()).toHaveLength(3);
  });

  test('a candidate is promoted by a person, rolled back, and both are known after a restart', async () => {
    const versions = await open();
    const card = await add(versions, 1, better, 'http');
    expect(card).toMatchObject({ standing: 'candidate', against: 'shipped', class: 'http' });
    expect(versions.servingOf('http')).toBe('shipped');
    await versions.promote(card.id, ada);
    expect(served).toEqual([['http', card.sha256]]);

    const again = await open();
    expect(again.servingOf('http')).toBe(card.id);
    expect(again.get(card.id)).toMatchObject({ standing: 'promoted', reason: 'as measured' });
    expect(await again.rollback('http', { by: 'bob', reason: 'too many alarms' })).toMatchObject({ to: 'shipped' });
    expect(served[1]).toEqual(['http', 'shipped.onnx']);

    const last = await open();
    expect(last.servingOf('http')).toBe('shipped');
    expect(last.history()).toMatchObject([
      { class: 'http', from: 'shipped', to: card.id, ...ada },
      { class: 'http', from: card.id, to: 'shipped', by: 'bob', reason: 'too many alarms' },
    ]);
    expect(damaged).toEqual([]);
  });

  test('promote: auto lets a candidate serve at once, and never one that is refused', async () => {
    const versions = await open({ promote: 'auto' });
    expect(await add(versions, 1, worse)).toMatchObject({ standing: 'refused' });
    expect(await add(versions, 2)).toMatchObject({ standing: 'refused', reason: expect.stringContaining('no errors') });
    const card = await add(versions, 3, better);
    expect(card.standing).toBe('promoted');
    expect(versions.history()).toMatchObject([{ to: card.id, by: 'kybern' }]);
  });

  test('force overrides the comparison with what serves, says so, and overrides nothing else', async () => {
    const versions = await open();
    const [level, linear, unjudged] = [
      await add(versions, 1, { ...better, serving: 0.3 }),
      await add(versions, 2, { ...better, ridge: 0.2 }),
      await add(versions, 3),
    ];
    const refused = { code: 'KYBERN_CONFLICT' };
    await expect(versions.promote(level.id, ada)).rejects.toMatchObject(refused);
    for (const { id } of [linear, unjudged])
      await expect(versions.promote(id, { ...ada, force: true })).rejects.toMatchObject(refused);
    const change = await versions.promote(level.id, { ...ada, force: true });
    expect(change.reason).toMatch(/^as measured \(forced, though its error 0\.3000 is not below/);
  });

  test('what was compared with another model than serves now is compared anew, or refused', async () => {
    const versions = await open();
    const [first, second] = [await add(versions, 1, better), await add(versions, 2, better)];
    await versions.promote(first.id, ada);
    await expect(versions.promote(second.id, ada)).rejects.toThrow(`not with ${first.id}, which serves now`);
    const asked: string[] = [];
    const judging = await open({}, async (modelClass, _candidate, serving) => {
      asked.push(`${modelClass} ${serving}`);
      return { heldOut: better, history: { series: 40, points: 50_000, fromMs: 0, untilMs: 1 } };
    });
    await expect(judging.promote(second.id, ada)).rejects.toThrow(`is being compared with ${first.id}`);
    expect(judging.get(second.id)?.standing).toBe('judging');
    await judging.settled();
    await judging.promote(second.id, ada);
    expect(asked).toEqual([`default ${judging.pathOf(first.id)}`]);
    expect(judging.get(second.id)).toMatchObject({ against: first.id, standing: 'promoted' });
    expect(await judging.rollback('default', ada)).toMatchObject({ to: first.id });
    expect(await judging.rollback('default', ada)).toMatchObject({ to: 'shipped' });
  });

  test('what comes without errors is judged on history, while what serves can be changed', async () => {
    const history = { series: 40, points: 50_000, fromMs: 0, untilMs: 1 };
    const asked = Promise.withResolvers<{ heldOut: HeldOutErrors; history: typeof history } | undefined>();
    const versions = await open({ promote: 'auto' }, () => asked.promise);
    const [known, imported] = [await add(versions, 1, better), await add(versions, 2, undefined, 'http')];
    expect(imported).toMatchObject({ standing: 'judging', against: 'shipped' });
    expect(await versions.rollback('default', ada)).toMatchObject({ from: known.id });
    asked.resolve({ heldOut: better, history });
    await versions.settled();
    expect(versions.get(imported.id)).toMatchObject({ standing: 'promoted', heldOut: better });
    expect(versions.servingOf('http')).toBe(imported.id);
  });

  test.each<[string, EvaluateModel, string]>([
    ['no history', async () => undefined, 'there are no errors'],
    [
      'a store that is away',
      () => Promise.reject(new Error('the store is away')),
      'could not be judged: Error: the store',
    ],
  ])('where there is %s, it stands refused and says why', async (_what, evaluate, reason) => {
    const versions = await open({}, evaluate);
    const { id } = await add(versions, 1);
    await versions.settled();
    expect(versions.get(id)).toMatchObject({ standing: 'refused', reason: expect.stringContaining(reason) });
  });

  test('judging that a restart broke off is told', async () => {
    const { id } = await add(await open({}, () => new Promise(() => {})), 1);
    expect((await open()).get(id)).toMatchObject({ standing: 'refused', reason: expect.stringContaining('restart') });
  });

  test('bytes that are no network, or not those of the card, are never kept', async () => {
    const versions = await open();
    const rubbish = new TextEncoder().encode('not a model');
    await expect(versions.add(cardFor(rubbish, better), rubbish)).rejects.toMatchObject({ code: 'KYBERN_MODEL' });
    await expect(versions.add(cardFor(network(1), better), network(2))).rejects.toThrow(/SHA-256/);
    await expect(add(versions, 1, better, 'cpu')).rejects.toMatchObject({ code: 'KYBERN_NOT_FOUND' });
    expect(versions.list()).toHaveLength(1);
  });

  test('what is damaged on disk is told and left out, and the shipped one serves in its place', async () => {
    const versions = await open();
    const [first, second] = [await add(versions, 1, better), await add(versions, 2, better, 'http')];
    await versions.promote(first.id, ada);
    await versions.promote(second.id, ada);
    await writeFile(join(directory, first.id, 'card.json'), '{"id":');
    await mkdir(join(directory, '.new-default-half-written'));
    const again = await open();
    expect([again.servingOf('default'), again.servingOf('http')]).toEqual(['shipped', second.id]);
    expect(damaged).toEqual([expect.stringContaining(first.id), expect.stringContaining('the shipped one serves')]);
    expect(existsSync(join(directory, '.new-default-half-written'))).toBe(false);

    damaged = [];
    await writeFile(join(directory, 'serving.json'), '[]');
    expect((await open()).servingOf('http')).toBe('shipped');
    expect(damaged).toHaveLength(2);
  });

  test('the oldest that neither serves nor can be rolled back to makes room', async () => {
    const versions = await open({ keptVersions: 2 });
    const first = await add(versions, 1, better);
    await versions.promote(first.id, ada);
    const [second, third] = [await add(versions, 2, worse), await add(versions, 3, worse)];
    expect(versions.list().map(({ id }) => id)).toEqual(['shipped', third.id, first.id]);
    expect(existsSync(join(directory, second.id))).toBe(false);
  });
});

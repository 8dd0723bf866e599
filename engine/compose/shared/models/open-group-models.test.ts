import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exportNetwork, readWeights, shippedForecastModelPath } from '../../../../detectors/lstm/index.ts';
import { ModelsConfig, openModelVersions } from '../../../../detectors/lstm/versions/index.ts';
import type { PartitionTopic } from '../../../../ingest/log/index.ts';
import { type HeldOutErrors, KybernError, noMetrics } from '../../../../model/index.ts';
import { systemClock } from '../../../clock/system-clock.ts';
import { type GroupModelsDeps, openGroupModels } from './open-group-models.ts';

const heldOut: HeldOutErrors = { points: 5000, series: 40, candidate: 0.3, serving: 0.4, ridge: 0.35, lastValue: 0.5 };
const ada = { by: 'ada', reason: 'as measured' };

let directory: string;
let stop: AbortController;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kybern-group-'));
  stop = new AbortController();
});
afterEach(async () => {
  stop.abort();
  await rm(directory, { recursive: true });
});

/** A topic of the log in memory, one for all processes. */
function memoryLog(): GroupModelsDeps['log'] {
  const values: (Uint8Array | null)[] = [];
  const waiting = new Set<() => void>();
  const topic = {
    name: 'models-0',
    firstOffset: 0,
    get nextOffset() {
      return values.length;
    },
    read: async (from: number) =>
      values.slice(from).flatMap((bytes, at) => (bytes === null ? [] : [{ offset: from + at, bytes }])),
    waitFor: (offset: number, signal: AbortSignal) =>
      new Promise<boolean>((resolve) => {
        if (offset < values.length) resolve(true);
        waiting.add(() => resolve(true));
        signal.addEventListener('abort', () => resolve(false));
      }),
    reached: () => {},
    close: () => {},
  } as unknown as PartitionTopic;
  return {
    open: async () => topic,
    topics: { models: 'models' } as GroupModelsDeps['log']['topics'],
    producer: {
      async append({ value }) {
        values.push(value);
        for (const wake of waiting) wake();
        return values.length - 1;
      },
      close: async () => {},
    },
  };
}

/** One process: its versions, what it serves, and what it could not load. */
async function open(
  log: GroupModelsDeps['log'],
  name: string,
  fails: () => boolean = () => false,
  judges: () => boolean = () => true,
) {
  const served: string[] = [];
  const damaged: string[] = [];
  const group = await openGroupModels({
    ...{ log, clock: systemClock, directory: join(directory, name) },
    damaged: (detail) => damaged.push(detail),
  });
  const versions = await openModelVersions(
    {
      kept: group.store,
      shipped: { path: 'shipped.onnx', sha256: 'a'.repeat(64) },
      networks: {
        async prepare(path) {
          if (fails()) throw new KybernError('KYBERN_MODEL', 'no memory for it');
          if (path === 'shipped.onnx') return path;
          return createHash('sha256')
            .update(await readFile(path))
            .digest('hex');
        },
        use: async (_modelClass, sha256) => void served.push(sha256),
      },
      evaluate: async () => ({ heldOut, history: { series: 40, points: 5000, fromMs: 0, untilMs: 1 } }),
      judges,
      clock: systemClock,
      metrics: noMetrics,
      damaged: (detail) => damaged.push(detail),
    },
    Value.Parse(ModelsConfig, Value.Default(ModelsConfig, {})),
  );
  const failures = [await versions.takeIn()];
  const running = group.run(stop.signal, () => void versions.takeIn().then((more) => failures.push(more)));
  return { group, versions, served, damaged, running, failures };
}

async function candidate(bias: number) {
  const weights = readWeights(await readFile(shippedForecastModelPath));
  const bytes = exportNetwork({ ...weights, denseBias: weights.denseBias.map((one) => one + bias) }, 'gemm');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const origin = { class: 'default', origin: 'fine-tuned', parent: 'shipped', seed: 1, seconds: 60 } as const;
  return { card: { ...origin, sha256, heldOut, against: 'shipped' }, bytes, sha256 };
}

const until = async (is: () => boolean) => {
  while (!is()) await new Promise((turn) => setTimeout(turn, 5));
};

test('what one process adds and promotes serves in the other, and in one that starts later; so does going back', async () => {
  const log = memoryLog();
  const [first, second] = [await open(log, 'first'), await open(log, 'second')];
  const { card, bytes, sha256 } = await candidate(0.01);
  const { id } = await first.versions.add(card, bytes);
  await until(() => second.versions.get(id) !== undefined);
  await second.versions.promote(id, ada);
  await until(() => first.versions.inUse('default') === id);
  expect([first.served, second.served]).toEqual([[sha256], [sha256]]);
  const third = await open(log, 'third');
  expect([third.versions.servingOf('default'), third.versions.inUse('default'), third.served]).toEqual([
    id,
    id,
    [sha256],
  ]);
  expect(third.versions.get(id)).toMatchObject({ standing: 'promoted', reason: 'as measured' });
  await first.versions.rollback('default', ada);
  await until(() => second.versions.inUse('default') === 'shipped' && third.versions.inUse('default') === 'shipped');
  expect(second.versions.history()).toEqual(first.versions.history());
  expect([first, second, third].flatMap(({ damaged }) => damaged)).toEqual([]);
});

test('of two processes that change a class at the same time one is told that it was too late', async () => {
  const log = memoryLog();
  const [first, second] = [await open(log, 'first'), await open(log, 'second')];
  const made = [await candidate(0.01), await candidate(0.02)];
  const ids: string[] = [];
  for (const { card, bytes } of made) ids.push((await first.versions.add(card, bytes)).id);
  await until(() => second.versions.get(ids[1]!) !== undefined);
  const results = await Promise.allSettled([
    first.versions.promote(ids[0]!, ada),
    second.versions.promote(ids[1]!, ada),
  ]);
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(results.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'KYBERN_CONFLICT' } });
  await until(() => first.versions.inUse('default') === second.versions.inUse('default'));
  expect(first.versions.history()).toHaveLength(1);
});

test('a process that cannot load what serves says so, serves on, and takes it when it can', async () => {
  const log = memoryLog();
  let isShort = true;
  const [first, second] = [await open(log, 'first'), await open(log, 'second', () => isShort)];
  const { card, bytes } = await candidate(0.01);
  const { id } = await first.versions.add(card, bytes);
  await first.versions.promote(id, ada);
  await until(() => second.failures.at(-1)!.size > 0);
  expect(second.failures.at(-1)!.get('default')).toMatchObject({ code: 'KYBERN_MODEL' });
  expect([second.versions.servingOf('default'), second.versions.inUse('default')]).toEqual([id, 'shipped']);
  isShort = false;
  expect((await second.versions.takeIn()).size).toBe(0);
  expect(second.versions.inUse('default')).toBe(id);
});

test('a copy on disk that was damaged or lost is made again from what the log has', async () => {
  const log = memoryLog();
  const first = await open(log, 'first');
  const { card, bytes, sha256 } = await candidate(0.01);
  const { id } = await first.versions.add(card, bytes);
  const shaOf = async (path: string) =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
  await rm(join(directory, 'first'), { recursive: true });
  await writeFile(join(directory, 'first'), 'in the way');
  const path = first.versions.pathOf(id);
  await expect(first.group.restore(path)).rejects.toMatchObject({ code: 'KYBERN_DATA_DIR' });
  await rm(join(directory, 'first'));
  await first.group.restore(path);
  expect(await shaOf(path)).toBe(sha256);
  await writeFile(path, 'something else');
  const again = await open(log, 'first');
  expect(await shaOf(again.versions.pathOf(id))).toBe(sha256);
});

test('processes tell each other what they serve', async () => {
  const log = memoryLog();
  const [first, second] = [await open(log, 'first'), await open(log, 'second')];
  const serving = [{ class: 'default', model: 'shipped', sha256: 'a'.repeat(64) }];
  await first.group.tell({ name: 'first', atMs: systemClock.now(), serving });
  await first.group.tell({ name: 'gone', atMs: systemClock.now() - 3_600_000, serving });
  await second.group.catchUp();
  expect(second.group.processes()).toMatchObject([{ name: 'first', serving }]);
});

test('one of them judges, what was handed in to any; another goes on with what it did not finish', async () => {
  const log = memoryLog();
  let isFirst = false;
  const first = await open(log, 'first', undefined, () => isFirst);
  const second = await open(log, 'second', undefined, () => false);
  const {
    card: { heldOut: _heldOut, against: _against, ...card },
    bytes,
  } = await candidate(0.01);
  const { id, standing } = await second.versions.add(card, bytes);
  expect(standing).toBe('judging');
  await until(() => first.versions.get(id) !== undefined);
  expect((await open(log, 'third', undefined, () => false)).versions.get(id)).toMatchObject({ standing: 'judging' });
  isFirst = true;
  await first.versions.takeIn();
  await until(() => second.versions.get(id)?.standing === 'candidate');
  expect(second.versions.get(id)).toMatchObject({ against: 'shipped', heldOut });
});

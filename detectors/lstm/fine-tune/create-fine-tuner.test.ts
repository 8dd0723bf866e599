import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { type Clock, createRandom, KybernError, type ModelCard, noMetrics } from '../../../model/index.ts';
import { createZoneClock } from '../../calendar/index.ts';
import { createSignalProfiles } from '../../metrics/index.ts';
import { createMemoryCatalog } from '../../testing/memory-catalog.ts';
import { shippedForecastModelPath } from '../index.ts';
import type { NewModelCard } from '../versions/index.ts';
import { createFineTuner, type FineTuner } from './create-fine-tuner.ts';

const directory = await mkdtemp(join(tmpdir(), 'kybern-fine-tune-'));
afterAll(() => rm(directory, { recursive: true }));

const realClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal }).then(
      () => true,
      () => false,
    ),
};

const points = 520;

/** Each value follows from the one before by a curve: nothing linear foretells it (the logistic map, May 1976). */
function feedback(seed: number): Float64Array {
  const random = createRandom(seed);
  let x = random();
  return Float64Array.from({ length: points }, () => {
    x = 3.9 * x * (1 - x);
    return 50 + 50 * x;
  });
}

interface Bench {
  readonly tuner: FineTuner;
  readonly made: { readonly card: NewModelCard; readonly bytes: number }[];
  /** Messages to the log, but for how trainings ended. */
  readonly told: string[];
}

async function openBench(
  options: Partial<{
    series: number;
    points: number;
    backend: 'any' | 'wasm';
    name: string;
    clock: Clock;
    fineTune: 'off' | 'nightly';
    epochs: number;
    /** How long the series are heard of only by others. */
    heardOf: Promise<void>;
  }> = {},
): Promise<Bench> {
  const catalog = createMemoryCatalog();
  const count = options.series ?? 5;
  const values = new Map<string, Float64Array>();
  const define = () => {
    for (let at = 0; at < count; at++) {
      const id = catalog.intern({
        name: 'work_queue_depth',
        labels: [['service', `s${at}`]],
        kind: 'gauge',
        unit: '',
        origin: 'received',
      });
      values.set(catalog.get(id).fingerprint, feedback(at).subarray(0, options.points ?? points));
    }
  };
  if (options.heardOf === undefined) define();
  const made: Bench['made'] = [];
  const told: string[] = [];
  const tell = (_: object, message: string): void => {
    if (!message.startsWith('training ended')) told.push(message);
  };
  const tuner = createFineTuner(
    {
      catalog,
      ...(options.heardOf === undefined ? {} : { catchUp: () => options.heardOf!.then(define) }),
      history: {
        async points(fingerprint) {
          const own = values.get(fingerprint)!;
          return { values: own, timesMs: own.map((_, at) => Date.UTC(2026, 1) + at * 10_000) };
        },
      },
      profiles: createSignalProfiles({
        signals: [],
        minimumRelativeDeviation: 0.2,
        burstSeconds: 180,
        acceptShiftSeconds: 1800,
        silenceSeconds: 600,
      }),
      versions: {
        classes: ['queues', 'default'],
        classOf: (metric) => (metric.startsWith('work_') ? 'queues' : 'default'),
        servingOf: () => 'shipped',
        pathOf: () => shippedForecastModelPath,
        async add(card, bytes) {
          made.push({ card, bytes: bytes.length });
          return { ...card, id: 'm1', standing: 'candidate', reason: 'better', madeMs: 1 } as ModelCard;
        },
      },
      zone: createZoneClock('UTC'),
      clock: options.clock ?? realClock,
      metrics: noMetrics,
      log: { info: tell, error: tell },
      directory: join(directory, options.name ?? `bench-${Math.random()}`),
      backend: options.backend ?? 'any',
      // At the lowest priority it would get no processor while other suites have them all.
      nice: 0,
    },
    { fineTune: options.fineTune ?? 'off', nightHour: 2, historyDays: 7, epochs: options.epochs ?? 1, cpuShare: 1 },
  );
  return { tuner, made, told };
}

const asked = { class: 'queues', reason: 'ada asked for it' };

async function until(reached: () => boolean): Promise<void> {
  while (!reached()) await setTimeout(10);
}

function expectCandidate({ tuner, made }: Bench, series = 5): void {
  expect(tuner.status()).toEqual({ state: 'idle', last: 'model m1 was made for queues and is candidate: better' });
  expect(made).toHaveLength(1);
  const { card, bytes } = made[0]!;
  expect(card).toMatchObject({
    class: 'queues',
    origin: 'fine-tuned',
    parent: 'shipped',
    trainedOn: { series, points: series * points },
    heldOut: { series, points: series * 77 },
  });
  expect(card.heldOut!.candidate).toBeLessThan(0.95 * card.heldOut!.serving);
  expect(bytes).toBeGreaterThan(100_000);
}

describe('fine-tuning', () => {
  test('makes a candidate that foretells its class better, on WebAssembly', async () => {
    const { tuner, made } = await openBench({ backend: 'wasm' });
    await tuner.start(asked);
    await until(() => tuner.status().state === 'training');
    expect(tuner.status()).toMatchObject({ ...asked, epoch: 1, of: 1 });
    await expect(tuner.start(asked)).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
    await tuner.settled();
    expectCandidate({ tuner, made, told: [] });
  }, 60_000);

  test('does the same natively where it can; after a restart it goes on with what it had begun', async () => {
    const name = 'restarted';
    const before = await openBench({ name, epochs: 2, series: 3 });
    await before.tuner.start(asked);
    await until(() => before.tuner.status().epoch === 2);
    await before.tuner.close();
    expect(before.made).toEqual([]);
    const training = join(directory, name, '.training');
    expect(existsSync(join(training, 'checkpoint.json'))).toBe(true);

    const after = await openBench({ name, epochs: 2, series: 3 });
    await after.tuner.run(new AbortController().signal);
    await until(() => after.tuner.status().epoch === 2);
    await after.tuner.settled();
    expectCandidate(after, 3);
    expect(existsSync(training)).toBe(false);
  }, 60_000);

  test('is stopped and forgotten', async () => {
    const name = 'stopped';
    const { tuner, made } = await openBench({ name });
    await tuner.start(asked);
    await until(() => tuner.status().state === 'training');
    await tuner.stop();
    expect(tuner.status()).toEqual({ state: 'idle', last: 'it was stopped' });
    expect(made).toEqual([]);
    expect(existsSync(join(directory, name, '.training'))).toBe(false);
  });

  test('says what is missing where there is too little history', async () => {
    const { tuner } = await openBench({ series: 0 });
    await expect(tuner.start(asked)).rejects.toMatchObject({ code: 'KYBERN_HISTORY' });
    expect(await tuner.evaluate('queues', shippedForecastModelPath, shippedForecastModelPath)).toBeUndefined();
    const young = await openBench({ points: 300 });
    await young.tuner.start(asked);
    await young.tuner.settled();
    expect(young.tuner.status().last).toMatch(/nothing was made: no series has 480 points .* 5 are shorter/);
    const fresh = await openBench({ points: 50 });
    await fresh.tuner.start(asked);
    await fresh.tuner.settled();
    expect(fresh.tuner.status().last).toMatch(/failed with KYBERN_HISTORY/);
  });

  test('comes by night, one class after the other', async () => {
    const sleeps: number[] = [];
    // The first night comes at once, the second only when all ends.
    const clock: Clock = {
      now: () => 0,
      async sleep(milliseconds, signal) {
        sleeps.push(milliseconds);
        if (sleeps.length === 1) return true;
        await once(signal!, 'abort');
        return false;
      },
    };
    const { tuner, told } = await openBench({ points: 50, clock, fineTune: 'nightly' });
    const controller = new AbortController();
    const nights = tuner.run(controller.signal);
    await until(() => sleeps.length === 2);
    controller.abort();
    await nights;
    expect(sleeps).toEqual([2 * 3_600_000, 2 * 3_600_000]);
    expect(told).toEqual([
      'training failed: the class queues has no series with 120 points',
      'nothing is trained tonight: the class default has no series',
    ]);
  });

  test('series that only others had heard of are learnt from: a process that decides knew its own and those with findings', async () => {
    const bench = await openBench({ heardOf: Promise.resolve(), points: 100 });
    await bench.tuner.start(asked);
    expect(bench.tuner.status()).toMatchObject({ state: 'collecting', class: 'queues' });
    await bench.tuner.settled();
  });

  test('begins nothing where it was closed while it asked for the series', async () => {
    const heardOf = Promise.withResolvers<void>();
    const { tuner } = await openBench({ heardOf: heardOf.promise });
    const starting = tuner.start(asked);
    await tuner.close();
    heardOf.resolve();
    await expect(starting).rejects.toMatchObject({ code: 'KYBERN_CONFLICT' });
    expect(tuner.status().state).toBe('idle');
  });

  test('judges another model on the same history', async () => {
    const { tuner } = await openBench({ series: 2 });
    const found = await tuner.evaluate('queues', shippedForecastModelPath, shippedForecastModelPath);
    expect(found!.heldOut.candidate).toBe(found!.heldOut.serving);
    expect(found!.heldOut.lastValue).toBeGreaterThan(found!.heldOut.ridge);
    await expect(tuner.evaluate('queues', 'nowhere.onnx', shippedForecastModelPath)).rejects.toThrow(KybernError);
  });
});

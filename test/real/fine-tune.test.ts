import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, expect, test } from 'vitest';
import { type Engine, KybernConfig, withDefaults } from '../../engine/index.ts';
import { createRandom, type ModelCard, type TrainingStatus } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';

const opened: Engine[] = [];
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.close();
});
afterAll(removeTemporaryDirectories);

const json = { 'content-type': 'application/json', host: 'localhost' };
const services = 12;
const points = 1150;
const stepMs = 10_000;

interface Overview {
  readonly serving: readonly { readonly class: string; readonly model: string }[];
  readonly models: readonly ModelCard[];
  readonly training: TrainingStatus;
}

/** A real Kybern that takes what passes the gate into service at once. */
async function openKybern(store: 'embedded' | 'memory', models: object): Promise<Engine> {
  const config = withDefaults(KybernConfig, {
    dataDir: temporaryDirectory('kybern-fine-tune-'),
    store: { kind: store },
    analysis: { latenessSeconds: 0 },
    detectors: {
      models: {
        classes: [
          { name: 'loops', match: ['loop.*'] },
          { name: 'swings', match: ['swing.*'] },
        ],
        promote: 'auto',
        ...models,
      },
    },
  }) as KybernConfig;
  const engine = await openEngine(config);
  opened.push(engine);
  return engine;
}

/** The past of one gauge of each service, as an OpenTelemetry collector would fill it in. */
async function sendPast(engine: Engine, name: string, values: readonly Float64Array[]): Promise<void> {
  const firstMs = Date.now() - points * stepMs;
  const resourceMetrics = values.map((own, service) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: `s${service}` } }] },
    scopeMetrics: [
      {
        metrics: [
          {
            name,
            gauge: {
              dataPoints: Array.from(own, (value, at) => ({
                timeUnixNano: `${firstMs + at * stepMs}000000`,
                asDouble: value,
              })),
            },
          },
        ],
      },
    ],
  }));
  const answer = await engine.receivers.inject({
    method: 'POST',
    url: '/v1/metrics',
    headers: json,
    payload: { resourceMetrics },
  });
  expect(answer.statusCode, answer.body).toBe(200);
}

async function ask<T>(engine: Engine, method: 'GET' | 'POST', path: string, payload?: object): Promise<T> {
  const answer = await engine.api.inject({
    method,
    url: `/api/v1${path}`,
    headers: json,
    ...(payload === undefined ? {} : { payload }),
  });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as T;
}

async function train(engine: Engine, name: string): Promise<Overview> {
  await ask(engine, 'POST', '/models/train', { class: name });
  for (;;) {
    const overview = await ask<Overview>(engine, 'GET', '/models');
    if (overview.training.state === 'idle') return overview;
    await setTimeout(50);
  }
}

/** A rhythm that no linear forecast foretells: each value follows from the one before by a curve (May 1976). */
function loop(seed: number): Float64Array {
  let x = createRandom(seed)();
  return Float64Array.from({ length: points }, () => {
    x = 3.9 * x * (1 - x);
    return 50 + 50 * x;
  });
}

/** Two swings on each other, of which the last values tell the next one by weighing them: no network is needed. */
function swing(seed: number): Float64Array {
  return Float64Array.from({ length: points }, (_, at) => {
    return 500 + 100 * Math.sin((2 * Math.PI * at) / 37 + seed) + 40 * Math.sin((2 * Math.PI * at) / 11 + 2 * seed);
  });
}

test('a class is fine-tuned on its own history: what learnt a rhythm serves, what a line could say does not', async () => {
  const engine = await openKybern('embedded', { cpuShare: 1, epochs: 1 });
  await sendPast(
    engine,
    'loop.queue.depth',
    Array.from({ length: services }, (_, at) => loop(at)),
  );
  await sendPast(
    engine,
    'swing.queue.depth',
    Array.from({ length: services }, (_, at) => swing(at)),
  );
  engine.run();
  while ((await engine.store.counts()).samples < 2 * services * points) await setTimeout(50);

  const rhythm = await train(engine, 'loops');
  const [, loops] = rhythm.models;
  expect(loops, rhythm.training.last).toMatchObject({ class: 'loops', origin: 'fine-tuned', standing: 'promoted' });
  expect(loops!.heldOut!.candidate).toBeLessThan(0.9 * Math.min(loops!.heldOut!.serving, loops!.heldOut!.ridge));

  const line = await train(engine, 'swings');
  const serving = Object.fromEntries(line.serving.map((one) => [one.class, one.model]));
  expect(serving).toEqual({ loops: loops!.id, swings: 'shipped', default: 'shipped' });
  const refused = line.models.find((card) => card.class === 'swings');
  // Where no epoch was better on validation, no version is made of it at all.
  if (refused === undefined) expect(line.training.last).toMatch(/^nothing was made/);
  else expect(refused).toMatchObject({ standing: 'refused' });
});

test('training keeps to its share of a core', async () => {
  const engine = await openKybern('memory', { cpuShare: 0.1, epochs: 8 });
  await sendPast(
    engine,
    'loop.queue.depth',
    Array.from({ length: services }, (_, at) => loop(at)),
  );
  engine.run();
  while ((await engine.store.counts()).samples < services * points) await setTimeout(50);
  await ask(engine, 'POST', '/models/train', { class: 'loops' });
  const status = async () => (await ask<Overview>(engine, 'GET', '/models')).training;
  // From the first piece of an epoch on, TensorFlow.js is loaded and most of its work compiled.
  while ((await status()).etaMs === undefined) await setTimeout(50);
  const [startMs, before] = [Date.now(), process.cpuUsage()];
  await setTimeout(6000);
  const { user, system } = process.cpuUsage(before);
  expect((await status()).state).toBe('training');
  expect((await status()).share).toBeLessThanOrEqual(0.2);
  // All of the process, with the engine that goes on meanwhile.
  expect((user + system) / 1000 / (Date.now() - startMs)).toBeLessThanOrEqual(0.25);
});

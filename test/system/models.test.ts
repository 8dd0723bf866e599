import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { exportNetwork, readWeights, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import { openModelVersions } from '../../detectors/lstm/versions/index.ts';
import { type Engine, KybernConfig, systemClock, withDefaults } from '../../engine/index.ts';
import { type ModelCard, type ModelOverview, noMetrics, type ServingChange } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const json = { 'content-type': 'application/json', host: 'localhost' };
const services = ['cart', 'orders', 'payments', 'search'];
const metrics = ['work.queue.depth', 'work.pool.used'];
const perExport = 50;
/** Long enough ago that none of what is sent is from a future that is refused. */
const fromMs = Date.now() - 4 * 3_600_000;
/** Between exports: so that far fewer are sent than the points of a series that the store in memory keeps. */
const restMs = 100;

const config = withDefaults(KybernConfig, {
  dataDir: temporaryDirectory('kybern-models-'),
  store: { kind: 'memory' },
  analysis: { latenessSeconds: 0 },
  detectors: { models: { classes: [{ name: 'queues', match: ['work.queue.*'] }] } },
}) as KybernConfig;

/** A candidate as fine-tuning hands it in: the shipped weights a little off, better on history, as its card says. */
async function addCandidate(): Promise<ModelCard> {
  const weights = readWeights(await readFile(shippedForecastModelPath));
  const bytes = exportNetwork({ ...weights, denseBias: weights.denseBias.map((bias) => bias + 0.01) }, 'gemm');
  const versions = await openModelVersions(
    {
      kept: join(config.dataDir, 'models'),
      shipped: { path: shippedForecastModelPath, sha256: '' },
      networks: { prepare: async () => '', use: async () => {} },
      clock: systemClock,
      metrics: noMetrics,
      damaged: (detail) => expect.fail(detail),
    },
    config.detectors.models,
  );
  return versions.add(
    {
      ...{ class: 'queues', origin: 'fine-tuned', parent: 'shipped', seed: 1, seconds: 60 },
      sha256: createHash('sha256').update(bytes).digest('hex'),
      heldOut: { points: 5000, series: 8, candidate: 0.3, serving: 0.4, ridge: 0.35, lastValue: 0.5 },
    },
    bytes,
  );
}

async function push(engine: Engine, first: number): Promise<void> {
  const resourceMetrics = services.map((service) => ({
    resource: {
      attributes: [
        { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
        { key: 'service.name', value: { stringValue: service } },
      ],
    },
    scopeMetrics: [
      {
        metrics: metrics.map((name) => ({
          name,
          gauge: {
            dataPoints: Array.from({ length: perExport }, (_, at) => ({
              timeUnixNano: `${fromMs + (first + at) * 1000}000000`,
              asDouble: 50 + 5 * Math.sin((first + at) / 9) + ((first + at) % 3),
            })),
          },
        })),
      },
    ],
  }));
  const answer = await engine.receivers.inject({
    ...{ method: 'POST', url: '/v1/metrics', headers: json, payload: { resourceMetrics } },
  });
  expect([answer.statusCode, answer.json()]).toEqual([200, {}]);
}

async function ask<T>(engine: Engine, method: 'GET' | 'POST', path: string, payload?: object): Promise<T> {
  const headers = method === 'GET' ? { host: 'localhost' } : json;
  const url = `/api/v1${path}`;
  const answer = await engine.api.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json() as T;
}

async function scored(engine: Engine): Promise<number> {
  const text = (await engine.api.inject({ url: '/metrics', headers: { host: 'localhost' } })).body;
  return Number(/^kybern_detectors_samples_total\{result="scored"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

test('a model is promoted and rolled back while samples flow: each is scored, and what serves survives a restart', async () => {
  const candidate = await addCandidate();
  const engine = await openEngine(config);
  engine.run();
  let exported = 0;
  let isFlowing = true;
  const flow = (async () => {
    while (isFlowing) {
      await push(engine, exported * perExport);
      exported += 1;
      await new Promise((resolve) => setTimeout(resolve, restMs));
    }
  })();
  const exports = async (more: number) => {
    const wanted = exported + more;
    await expect.poll(() => exported, { timeout: 20_000 }).toBeGreaterThanOrEqual(wanted);
  };
  await exports(2);
  const promoted = await ask<ServingChange>(engine, 'POST', `/models/${candidate.id}/promote`, { by: 'ada' });
  expect(promoted).toMatchObject({ class: 'queues', from: 'shipped', to: candidate.id, by: 'ada' });
  await exports(2);
  await ask<ServingChange>(engine, 'POST', '/models/rollback', { class: 'queues', by: 'bob', reason: 'to compare' });
  await exports(2);
  await ask<ServingChange>(engine, 'POST', `/models/${candidate.id}/promote`, { by: 'ada' });
  await exports(6);
  isFlowing = false;
  await flow;

  const sent = exported * perExport * services.length * metrics.length;
  await expect.poll(() => scored(engine), { timeout: 20_000 }).toBe(sent);
  // The serving model itself is no better than it is: judged on what has come, beside a linear forecast.
  await expect.poll(async () => (await engine.store.counts()).samples, { timeout: 20_000 }).toBe(sent);
  const onnx = (await readFile(shippedForecastModelPath)).toString('base64');
  const { id } = await ask<ModelCard>(engine, 'POST', '/models/import', { onnx, by: 'ada', note: 'our own' });
  const read = () => ask<ModelCard>(engine, 'GET', `/models/${id}`);
  await expect.poll(async () => (await read()).standing, { timeout: 20_000 }).not.toBe('judging');
  const imported = await read();
  expect(imported).toMatchObject({ origin: 'imported', by: 'ada', standing: 'refused', against: 'shipped' });
  expect(imported.heldOut?.series).toBe(services.length);
  expect(imported.heldOut?.candidate).toBe(imported.heldOut?.serving);

  const overview = await ask<ModelOverview>(engine, 'GET', '/models');
  expect(overview.serving).toEqual([
    { class: 'default', match: [], model: 'shipped', sinceMs: 0 },
    { class: 'queues', match: ['work.queue.*'], model: candidate.id, sinceMs: expect.any(Number) },
  ]);
  expect(overview.history.map(({ to, by }) => [to, by])).toEqual([
    [candidate.id, 'ada'],
    ['shipped', 'bob'],
    [candidate.id, 'ada'],
  ]);
  expect((await engine.store.anomalies({ limit: 10 })).items).toEqual([]);
  await engine.close();

  const again = await openEngine(config);
  const serving = (await ask<ModelOverview>(again, 'GET', '/models')).serving.map(({ model }) => model);
  expect(serving).toEqual(['shipped', candidate.id]);
  // The checkpoint fits: nothing is scored anew, and what comes goes on.
  await push(again, exported * perExport);
  await again.settle();
  expect(await scored(again)).toBe(perExport * services.length * metrics.length);
  await again.close();
});

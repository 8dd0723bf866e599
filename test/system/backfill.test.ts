import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type Engine, KybernConfig, withDefaults } from '../../engine/index.ts';
import { type Anomaly, createRandom, type SeriesState } from '../../model/index.ts';
import { openEngine } from '../support/engine-in-process.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const stepMs = 300_000;
const dayMs = 86_400_000;
const json = { 'content-type': 'application/json', host: 'localhost' };
const services = 4;
const poll = { timeout: 60_000, interval: 100 };
/** The first of its midnights. */
const beginMs = Math.floor((Date.now() - 4.75 * dayMs) / stepMs) * stepMs;
const dataDir = temporaryDirectory('kybern-backfill-');

const config = withDefaults(KybernConfig, {
  dataDir,
  analysis: { latenessSeconds: 0 },
  // Few series make small steps of the network: to hand each over to a thread costs more than the step.
  detectors: { thread: 'none' },
}) as KybernConfig;

const random = createRandom(11);
const noise = () => random() + random() + random() - 1.5;
/** Busy at noon; at midnight a twentieth of that. */
const usual = (_service: number, timeMs: number) =>
  110 - 100 * Math.cos((2 * Math.PI * (timeMs - beginMs)) / dayMs) + 4 * noise();

async function push(
  engine: Engine,
  fromMs: number,
  toMs: number,
  valueAt: (service: number, timeMs: number) => number,
) {
  const resourceMetrics = Array.from({ length: services }, (_, service) => ({
    resource: {
      attributes: [
        { key: 'k8s.namespace.name', value: { stringValue: 'shop' } },
        { key: 'service.name', value: { stringValue: `service-${service}` } },
      ],
    },
    scopeMetrics: [
      {
        metrics: [
          {
            name: 'orders.per.minute',
            gauge: {
              dataPoints: Array.from({ length: (toMs - fromMs) / stepMs }, (_, at) => ({
                timeUnixNano: `${fromMs + at * stepMs}000000`,
                asDouble: valueAt(service, fromMs + at * stepMs),
              })),
            },
          },
        ],
      },
    ],
  }));
  const payload = { resourceMetrics };
  const answer = await engine.receivers.inject({ method: 'POST', url: '/v1/metrics', headers: json, payload });
  expect(answer.statusCode).toBe(200);
}

async function told(engine: Engine): Promise<readonly Anomaly[]> {
  return (await engine.store.anomalies({ limit: 100 })).items;
}

async function statesOf(engine: Engine): Promise<(SeriesState | undefined)[]> {
  const series = await engine.store.series({ metric: 'orders.per.minute' }, 100);
  return Promise.all(series.map(({ fingerprint }) => engine.analysis.stages.detectors.seriesState?.(fingerprint)));
}

const failure = 'payment refused by the gateway, order';

/** A line each second of these minutes, one of which a minute tells of an error where that is wanted. */
async function pushLines(engine: Engine, fromMs: number, minutes: number, withErrors: boolean, text = failure) {
  const logRecords = Array.from({ length: minutes * 60 }, (_, at) => {
    const isError = withErrors && at % 60 < 5;
    return {
      timeUnixNano: `${fromMs + at * 1000}000000`,
      severityNumber: isError ? 17 : 9,
      body: { stringValue: isError ? `${text} ${at}` : `served request ${at} in ${at % 7} ms` },
    };
  });
  const attributes = [{ key: 'service.name', value: { stringValue: 'service-0' } }];
  const payload = { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords }] }] };
  const answer = await engine.receivers.inject({ method: 'POST', url: '/v1/logs', headers: json, payload });
  expect(answer.statusCode).toBe(200);
}

/** Kinds of lines that were told as new, by an example. */
async function newKinds(engine: Engine): Promise<string[]> {
  return (await told(engine)).flatMap(({ detector, reason }) => (detector === 'log-template' ? [reason] : []));
}

/** Resolves once all that was pushed is scored. */
async function analysed(engine: Engine): Promise<void> {
  const behind = async () => (await engine.api.inject({ url: '/readyz', headers: { host: 'localhost' } })).body;
  await expect.poll(behind, poll).toContain('"0 records behind"');
}

test('without its state a Kybern learns the past from its own store, and tells nothing of it', async () => {
  const learntMs = beginMs + 4 * dayMs;
  const first = await openEngine(config);
  for (let at = beginMs; at < learntMs; at += dayMs / 2) await push(first, at, at + dayMs / 2, usual);
  await first.settle();
  const before = await statesOf(first);
  const toldBefore = await told(first);
  await first.close();
  // Nothing is left but the database: as in front of one that is older than the process.
  for (const name of ['state', 'log']) await rm(join(dataDir, name), { recursive: true });

  // One that ends meanwhile leaves nothing half learnt.
  const ended = await openEngine(config);
  ended.run();
  await ended.close();

  const second = await openEngine(config);
  expect((await statesOf(second)).every((state) => state === undefined)).toBe(true);
  second.run();
  await expect.poll(async () => second.analysis.stages.detectors.status(), poll).toMatchObject({ series: services });
  await expect.poll(async () => statesOf(second), poll).toEqual(before);
  expect(await second.store.counts()).toMatchObject({ series: services, samples: services * 4 * 288 });

  // The night and the morning are as ever, which is no news; then one service asks for little at noon.
  const noonMs = learntMs + dayMs / 2;
  await push(second, learntMs, noonMs, usual);
  await analysed(second);
  expect(await told(second)).toEqual(toldBefore);
  await push(second, noonMs, noonMs + 4 * stepMs, (service, timeMs) => (service === 3 ? 12 : usual(service, timeMs)));
  await analysed(second);
  await expect
    .poll(async () => (await told(second)).filter(({ state }) => state === 'firing'), poll)
    .toMatchObject([{ metric: 'orders.per.minute', entity: { name: 'service-3' } }]);
  expect((await told(second))[0]).not.toHaveProperty('learning');
  await second.close();
});

test('and a kind of line that the store knows is no news after it, as one is that it does not know', async () => {
  const ownDir = temporaryDirectory('kybern-backfill-lines-');
  const own = { ...config, dataDir: ownDir };
  const minuteMs = 60_000;
  const fromMs = Math.floor(Date.now() / minuteMs - 40) * minuteMs;
  const first = await openEngine(own);
  await pushLines(first, fromMs, 12, true);
  await first.settle();
  await first.close();
  for (const name of ['state', 'log']) await rm(join(ownDir, name), { recursive: true });

  const second = await openEngine(own);
  second.run();
  const isLearnt = () => second.analysis.stages.detectors.status().series > 0;
  await expect.poll(isLearnt, poll).toBe(true);
  await pushLines(second, fromMs + 12 * minuteMs, 3, false);
  await pushLines(second, fromMs + 15 * minuteMs, 2, true);
  await pushLines(second, fromMs + 17 * minuteMs, 2, true, 'cannot allocate memory for a basket, customer');
  await pushLines(second, fromMs + 19 * minuteMs, 2, false);
  await analysed(second);
  await expect.poll(async () => newKinds(second), poll).toEqual([expect.stringContaining('cannot allocate memory')]);
  await second.close();
});

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { checkDataDir } from '../support/check-data-dir.ts';
import { killRepeatedly, randomPause } from '../support/kill-ledger.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  spawnKybern,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';

const running: KybernProcess[] = [];
afterAll(async () => {
  for (const kybern of running) await kybern.kill();
  removeTemporaryDirectories();
});

const services = 240;
const metric = 'idle.level';
const stepMs = 10_000;
const stepsPerBody = 20;
/** So many steps of event time; who is silent is so for this many of them in a row. */
const steps = 3600;
const restSteps = 600;
const kills = 12;
const names = Array.from({ length: services }, (_, at) => `idle-${at}`);
const startMs = Math.floor(Date.now() / stepMs) * stepMs - (steps + 60) * stepMs;

/** Every fourth service never rests; the others do so in turn, all of a group at once. */
const isResting = (service: number, step: number) =>
  service % 4 !== 0 &&
  step >= restSteps / 2 &&
  Math.floor((step - restSteps / 2) / restSteps) % 3 === (service % 4) - 1;

function valueAt(service: number, step: number): number {
  const noise = createRandom(service * steps + step)();
  // One that comes back out of its rest as it never was is told of.
  const isOdd = service % 16 === 1 && step % 1500 > 1480;
  return 50 + 10 * Math.sin(step / 40 + service) + 5 * noise + (isOdd ? 400 : 0);
}

/** Samples of each service in the first so many steps. */
function samplesUpTo(service: number, end: number): number {
  let count = 0;
  for (let step = 0; step < end; step += 1) if (!isResting(service, step)) count += 1;
  return count;
}

function bodyOf(from: number): string {
  const resourceMetrics = names.flatMap((name, service) => {
    const own = Array.from({ length: stepsPerBody }, (_, at) => from + at).filter((step) => !isResting(service, step));
    const dataPoints = own.map((step) => ({
      timeUnixNano: `${startMs + step * stepMs}000000`,
      asDouble: valueAt(service, step),
    }));
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    return own.length === 0
      ? []
      : [{ resource, scopeMetrics: [{ metrics: [{ name: metric, gauge: { dataPoints } }] }] }];
  });
  return JSON.stringify({ resourceMetrics });
}

/** Sends all in order; what was not acknowledged is sent again. */
async function sendAll(otlpUrl: () => string, pauseMs: number): Promise<void> {
  for (let from = 0; from < steps; ) {
    const answer = await fetch(`${otlpUrl()}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(from),
      signal: AbortSignal.timeout(10_000),
    }).catch(() => undefined);
    if (answer?.status === 200 && (await answer.text().catch(() => undefined)) !== undefined) from += stepsPerBody;
    else await new Promise((resolve) => setTimeout(resolve, 50));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

interface Found {
  readonly items: readonly { readonly scoring?: { readonly samples: number } }[];
}

async function samplesOf(kybern: KybernProcess): Promise<number[]> {
  const seen: number[] = [];
  for (const name of names) {
    const query = `/api/v1/query?metric=${metric}&label.service.name=${name}&maxPoints=1`;
    const found = await kybern.get<Found>(query);
    seen.push(found.items[0]?.scoring?.samples ?? 0);
  }
  return seen;
}

type Counts = Record<'restored' | 'damaged' | 'spilled' | 'livesWithIdle', number>;

/** Adds what a life has done so far. All in one look: what happens between it and the kill is in no count. */
async function addCounts(seen: Counts, kybern: KybernProcess): Promise<void> {
  const text = await (await fetch(`${kybern.url}/metrics`)).text();
  const counted = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1] ?? 0);
  for (const name of ['restored', 'damaged', 'spilled'] as const)
    seen[name] += counted(`kybern_detector_series_${name}_total`);
  if (counted('kybern_detector_series\\{state="spilled"\\}') > 0) seen.livesWithIdle += 1;
}

async function untilAnalysed(kybern: KybernProcess): Promise<void> {
  const isDone = async () => (await (await fetch(`${kybern.url}/readyz`)).text()).includes('"0 records behind"');
  await eventually(isDone, { withinMs: 120_000, what: () => kybern.output().slice(-3000) });
}

const config = (spillAfterSeconds: number) => ({
  logLevel: 'warn',
  analysis: { checkpointSeconds: 1, latenessSeconds: 0 },
  detectors: {
    thread: 'all',
    metrics: { spillAfterSeconds, forgetSeconds: 10 * 86_400 },
    // Ten hours are played at once: what is news must not depend on when a run has come how far.
    policy: { pastSeconds: 86_400 },
  },
});

/** Anomalies of series as they were decided, in order; what the clock says of them is left out. */
async function decided(directory: string) {
  const { decisions, ...verdict } = await checkDataDir(directory, []);
  const anomalies = decisions.flatMap((decision) => (decision.type === 'anomaly' ? [decision.value] : []));
  const told = anomalies.map(
    ({ id, revision, state, onset, detectedAt, clearedAt, observed, expected, score }) =>
      `${onset} ${id} ${revision} ${state} ${detectedAt} ${clearedAt} ${observed} ${expected} ${score}`,
  );
  return { told: told.toSorted(), verdict };
}

test('kill -9 while series fall idle, lie on disk and come back: each goes on as if nothing had been', async () => {
  // Without kills, and with all series in memory: what must come of it.
  const calm = await startKybern({
    dataDir: temporaryDirectory(),
    port: 21410,
    otlpPort: 21411,
    config: config(0),
  });
  running.push(calm);
  await sendAll(() => calm.otlpUrl, 0);
  await untilAnalysed(calm);
  const wanted = await samplesOf(calm);
  expect(await calm.stop()).toBe(0);
  expect(wanted).toEqual(names.map((_, service) => samplesUpTo(service, steps)));
  const expected = await decided(calm.dataDir);
  expect(expected.told.length).toBeGreaterThan(10);

  const dataDir = temporaryDirectory();
  let otlpUrl = '';
  let sending: Promise<void> | undefined;
  const seen = { restored: 0, damaged: 0, spilled: 0, livesWithIdle: 0 };
  const { kybern, recoveriesMs } = await killRepeatedly({
    start() {
      const started = spawnKybern({ dataDir, port: 21412, otlpPort: 21413, config: config(600) });
      running.push(started);
      return started;
    },
    onReady(ready) {
      otlpUrl = ready.otlpUrl;
      // Slowly, so that all kills fall into it.
      sending ??= sendAll(() => otlpUrl, 150);
    },
    kills,
    seed: 20_261_126,
    async life(random, ready, kybern, kill) {
      await ready;
      // Half of them are killed while they catch up, which on a busy machine is all that they would come to.
      if (kill % 2 === 1) await untilAnalysed(kybern);
      await randomPause(random, 300, 2500);
      // As a kill may come at any moment of a checkpoint, of which there is one a second.
      await addCounts(seen, kybern);
    },
  });
  await sending;
  await untilAnalysed(kybern);
  const samples = await samplesOf(kybern);
  await addCounts(seen, kybern);
  expect(await kybern.stop()).toBe(0);
  console.info({ ...seen, told: expected.told.length, recoveryMaxMs: Math.round(Math.max(...recoveriesMs)) });
  expect(kybern.output()).not.toContain('a defect');
  expect(samples).toEqual(wanted);
  expect(seen.damaged).toBe(0);
  // A third of the services rests at any time, five times one third comes back; what a life did last before its kill is not seen.
  expect(Math.min(seen.spilled, seen.restored)).toBeGreaterThanOrEqual(services / 2);
  expect(seen.livesWithIdle).toBeGreaterThanOrEqual(kills / 3);
  const found = await decided(join(dataDir));
  expect(found.told).toEqual(expected.told);
  expect(found.verdict).toEqual(expected.verdict);
}, 600_000);

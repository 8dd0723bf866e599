import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodeFrame } from '../../datasets/otlp/index.ts';
import { systemClock, withDefaults } from '../../engine/index.ts';
import { createRandom, noMetrics } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import {
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { settled } from '../ingest/settled.ts';
import { cpuSeconds, residentMegabytes } from '../process-use.ts';

export const steadyBench: Bench = {
  name: 'steady',
  title: 'OTLP metrics at 10,000 points a second for 15 minutes: sent against stored, share of a core, memory',
  run: measureSteady,
};

type MetricPoint = Parameters<typeof encodeFrame>[0]['metrics'][number];

const pointsPerSecond = 10_000;
const pointsPerRequest = 1000;
const services = 50;
const port = 18_720;

async function measureSteady({ quick, say }: BenchOptions): Promise<BenchResult> {
  const seconds = quick ? 30 : 900;
  const dataDir = temporaryDirectory('kybern-bench-');
  const kybern = await startKybern({
    dataDir,
    port,
    otlpPort: port + 1,
    config: { detectors: { enabled: false } },
  });
  try {
    say(`${pointsPerSecond} points a second for ${seconds} s, models off`);
    const pid = kybern.child.pid!;
    const before = { cpu: cpuSeconds(pid), ms: performance.now() };
    const sent = await sendFor(kybern, seconds, say);
    const share = (cpuSeconds(pid) - before.cpu) / ((performance.now() - before.ms) / 1000);
    const { peak } = residentMegabytes(pid);
    await settled(kybern.url);
    await kybern.stop();
    const stored = await storedPoints(dataDir);
    return {
      figures: {
        sentPoints: sent.points,
        storedPoints: stored,
        shareOfACore: share,
        ackP99Milliseconds: sent.p99Ms,
        peakRssMegabytes: peak,
      },
      baselines: {},
      bars: [
        { name: 'points stored', want: `= ${sent.points}`, got: stored, ok: stored === sent.points },
        atMost('share of a core with models off', share, 0.6),
      ],
    };
  } finally {
    await kybern.stop();
    removeTemporaryDirectories();
  }
}

/** Open loop: a request is due at its time, whatever became of the one before. */
async function sendFor(
  kybern: KybernProcess,
  seconds: number,
  say: (line: string) => void,
): Promise<{ readonly points: number; readonly p99Ms: number }> {
  const random = createRandom(1);
  const requests = (pointsPerSecond / pointsPerRequest) * seconds;
  const everyMs = (1000 * pointsPerRequest) / pointsPerSecond;
  const began = performance.now();
  const latencies: number[] = [];
  const underWay = new Set<Promise<void>>();
  let points = 0;
  for (let request = 0; request < requests; request++) {
    const due = began + request * everyMs;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const body = bodyOf(request, random);
    const delivery = deliver(kybern, body).then(() => {
      points += pointsPerRequest;
      latencies.push(performance.now() - due);
      underWay.delete(delivery);
    });
    underWay.add(delivery);
    if (request % 600 === 599) say(`${points} points acknowledged`);
  }
  await Promise.all(underWay);
  latencies.sort((left, right) => left - right);
  return { points, p99Ms: latencies[Math.floor(latencies.length * 0.99)]! };
}

/** A request holds its own twentieth of the series: each series has a point every two seconds. */
function bodyOf(request: number, random: () => number): Uint8Array {
  const slice = request % 20;
  const timeMs = Date.now();
  const metrics = Array.from({ length: pointsPerRequest }, (_, row): MetricPoint => {
    const service = row % services;
    return {
      name: 'app.pool.size',
      unit: '{connection}',
      kind: 'gauge',
      timeMs,
      value: Math.round(100 + 10 * random()),
      resource: resources[service]!,
      attributes: { pool: String(Math.floor(row / services)), slice: String(slice) },
    };
  });
  return encodeFrame({ atMs: timeMs, metrics, logs: [], spans: [] }).metrics!;
}

const resources = Array.from({ length: services }, (_, index) => ({
  'service.name': `service-${index}`,
  'k8s.namespace.name': 'shop',
  'k8s.pod.name': `service-${index}-7d9f8b6c5d-x2k2p`,
}));

async function deliver(kybern: KybernProcess, body: Uint8Array): Promise<void> {
  for (;;) {
    const response = await fetch(`${kybern.otlpUrl}/v1/metrics`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body,
    });
    const answer = await response.arrayBuffer();
    if (response.status === 200 && answer.byteLength === 0) return;
    if (response.status !== 503) throw new Error(`refused: ${response.status}, ${answer.byteLength} bytes`);
    await sleep(1000);
  }
}

/** Distinct points in the store of a program that has ended. */
async function storedPoints(dataDir: string): Promise<number> {
  const config = withDefaults(StoreConfig, {}) as StoreConfig;
  const store = await openStore({ config, directory: join(dataDir, 'store'), metrics: noMetrics, clock: systemClock });
  const { samples } = await store.counts();
  await store.close();
  return samples;
}

import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom, type ModelCard, type ModelOverview } from '../../model/index.ts';
import { type KafkaSuite, startKafkaSuite, untilShared } from '../support/kafka-suite.ts';
import { eventually, type KybernProcess, runKybern } from '../support/kybern-process.ts';
import { createNoisyServices } from '../support/noisy-services.ts';
import { standingOf } from '../support/shared-kybern.ts';
import { standHas } from '../support/stand.ts';

const services = 12;
const points = 1150;
const stepMs = 10_000;
const modelClass = 'loops';
const pastMetric = 'loop.queue.depth';

/** A rhythm that no linear forecast foretells: each value follows from the one before by a curve (May 1976). */
function loop(seed: number): number[] {
  let x = createRandom(seed)();
  return Array.from({ length: points }, () => {
    x = 3.9 * x * (1 - x);
    return 50 + 50 * x;
  });
}

/** The past of one gauge of some services, as an OpenTelemetry collector would fill it in. */
async function sendPast(otlpUrl: string, from: number): Promise<void> {
  const firstMs = Date.now() - points * stepMs;
  const resourceMetrics = Array.from({ length: services / 2 }, (_, at) => {
    const dataPoints = loop(from + at).map((asDouble, point) => ({
      timeUnixNano: `${firstMs + point * stepMs}000000`,
      asDouble,
    }));
    return {
      resource: { attributes: [{ key: 'service.name', value: { stringValue: `s${from + at}` } }] },
      scopeMetrics: [{ metrics: [{ name: pastMetric, gauge: { dataPoints } }] }],
    };
  });
  const answer = await fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

const overviewOf = (kybern: KybernProcess) => kybern.get<ModelOverview>('/api/v1/models');

/** The SHA-256 of the network that each process says it serves the class by, as one of them has heard it. */
async function servedIn(kybern: KybernProcess): Promise<Record<string, string>> {
  const { processes = [] } = await overviewOf(kybern);
  return Object.fromEntries(
    processes.map(({ name, serving }) => [
      name.split(':').at(-1),
      serving.find((one) => one.class === modelClass)!.sha256,
    ]),
  );
}

/** Why a process does not serve the class as the group does. */
async function codeIn(kybern: KybernProcess, process: string): Promise<string | undefined> {
  const { processes = [] } = await overviewOf(kybern);
  return processes.find(({ name }) => name.endsWith(process))?.serving.find((one) => one.class === modelClass)?.code;
}

async function untilServed(kybern: KybernProcess, ports: readonly number[], sha256: string): Promise<number> {
  const fromMs = performance.now();
  let seen = {};
  await eventually(
    async () => {
      seen = await servedIn(kybern);
      return ports.every((port) => (seen as Record<string, string>)[port] === sha256);
    },
    { withinMs: 30_000, what: () => `${ports} to serve ${sha256}, not ${JSON.stringify(seen)}` },
  );
  return Math.round(performance.now() - fromMs);
}

async function sampleOf(kybern: KybernProcess, name: string): Promise<number> {
  const text = await (await fetch(`${kybern.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1]);
}

describe.runIf(standHas('kafka') && standHas('clickhouse'))('networks of two processes on Kafka', () => {
  let suite: KafkaSuite;
  const running: KybernProcess[] = [];
  beforeAll(async () => {
    suite = await startKafkaSuite({ kafkaPort: 21580, brokers: 1, clickHousePort: 21590 });
  });
  afterAll(() => suite?.stop(running));

  test('what one process trains or takes in serves in both, whoever promotes it, through a kill, until it is rolled back', async () => {
    const shared = suite.group('models', {
      analysis: { checkpointSeconds: 2, latenessSeconds: 0 },
      detectors: { models: { classes: [{ name: modelClass, match: ['loop.*'] }], cpuShare: 1, epochs: 1 } },
    });
    const ports = [21592, 21594] as const;
    const processes = await Promise.all(ports.map((port) => shared.start(port)));
    running.push(...processes);
    await untilShared(processes, 6);
    const decides = (await standingOf(processes[0]!)).decider.endsWith(`:${ports[0]}`) ? 0 : 1;
    const [decider, other] = [processes[decides]!, processes[1 - decides]!];
    const noisy = createNoisyServices({ services: 12, seed: 7, firstJumpMs: 600_000, everyMs: 2000 });
    noisy.target(decider.otlpUrl, other.otlpUrl);
    const sending = noisy.run();
    await sendPast(decider.otlpUrl, 0);
    await sendPast(other.otlpUrl, services / 2);
    const store = await shared.openStore();
    // The noisy services' samples are in the store too: only the class's own count.
    await eventually(
      async () => {
        const [fromMs, toMs] = [0, Date.now() + 1];
        const series = (await store.liveSeries(fromMs, toMs)).filter(({ identity }) => identity.name === pastMetric);
        return (await store.history({ series, fromMs, toMs, resolution: 'whole' })).count === services * points;
      },
      { withinMs: 60_000, what: () => 'the past to be stored' },
    );
    await store.close();
    const [shipped] = (await overviewOf(other)).models;
    await untilServed(other, ports, shipped!.sha256);

    const refused = await fetch(`${other.url}/api/v1/models/train`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ class: modelClass }),
    });
    expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'KYBERN_NOT_DECIDER']);
    await runKybern('models', 'train', '--class', modelClass, '--url', decider.url);
    const seen = new Set<string>();
    const trained = await eventually<ModelCard>(
      async () => {
        const { models, training } = await overviewOf(other);
        seen.add(training.state);
        return models.find(({ origin, standing }) => origin === 'fine-tuned' && standing !== 'judging');
      },
      { withinMs: 180_000, what: () => `a model to be made: ${[...seen]} ${decider.output().slice(-2000)}` },
    );
    expect(trained).toMatchObject({ class: modelClass, standing: 'candidate', against: 'shipped' });
    // Of the series too that only the other process had heard of.
    expect(trained.trainedOn).toMatchObject({ series: services });

    // The file as the other process has it, brought back as one of our own.
    const kept = readdirSync(other.dataDir, { recursive: true, encoding: 'utf8' });
    const file = kept.find((path) => path.endsWith(`${trained.id}/forecast.onnx`))!;
    const importing = ['--class', modelClass, '--note', 'ours', '--json', '--url', other.url];
    const imported = JSON.parse(
      await runKybern('models', 'import', join(other.dataDir, file), ...importing),
    ) as ModelCard;
    expect(imported).toMatchObject({ origin: 'imported', standing: 'candidate', sha256: trained.sha256 });

    const seenByDecider = async () => (await overviewOf(decider)).models.some(({ id }) => id === imported.id);
    await eventually(seenByDecider, { withinMs: 5000, what: () => 'it to be heard of' });
    await runKybern('models', 'promote', imported.id, '--reason', 'as measured', '--url', decider.url);
    const promotedMs = await untilServed(other, ports, imported.sha256);

    const killedMs = performance.now();
    await decider.kill();
    noisy.target(other.otlpUrl);
    await untilShared([other], 12);
    const takenOverMs = Math.round(performance.now() - killedMs);
    expect((await overviewOf(other)).serving.find((one) => one.class === modelClass)?.model).toBe(imported.id);
    // Of a data directory of its own: all that it knows of models is in Kafka.
    const again = await shared.start(ports[decides]);
    running.push(again);
    await untilShared([again, other], 6);
    await untilServed(again, ports, imported.sha256);
    expect((await overviewOf(again)).history).toEqual((await overviewOf(other)).history);

    await runKybern('models', 'rollback', '--class', modelClass, '--url', again.url);
    const rolledBackMs = await untilServed(other, ports, shipped!.sha256);

    // The copies on one disk are gone, and something is in their place.
    const copies = join(other.dataDir, 'models-of-group');
    rmSync(copies, { recursive: true });
    writeFileSync(copies, 'in the way');
    await runKybern('models', 'promote', imported.id, '--url', again.url);
    await eventually(async () => (await codeIn(again, `:${ports[1 - decides]}`)) === 'KYBERN_DATA_DIR', {
      withinMs: 10_000,
      what: () => `the other process to say what it cannot do: ${other.output().slice(-2000)}`,
    });
    expect((await servedIn(again))[ports[1 - decides]!]).toBe(shipped!.sha256);
    expect(await sampleOf(other, 'kybern_model_classes_behind')).toBe(1);
    expect((await fetch(`${other.url}/readyz`)).status).toBe(200);
    rmSync(copies);
    const madeUpMs = await untilServed(again, ports, imported.sha256);
    noisy.stop();
    await sending;
    const { series, learning } = await other.get<{ series: number; learning: number }>('/api/v1/status');
    console.info({ training: [...seen], promotedMs, takenOverMs, rolledBackMs, madeUpMs, series, learning });
    for (const kybern of [again, other]) {
      expect(await sampleOf(kybern, 'kybern_model_classes_behind')).toBe(0);
      expect(await sampleOf(kybern, 'kybern_scoring_latency_seconds_count')).toBeGreaterThan(0);
      expect(await sampleOf(kybern, 'kybern_decision_age_seconds_count')).toBeGreaterThan(0);
      expect(await sampleOf(kybern, 'kybern_checkpoints_unusable_total')).toBeNaN();
    }
    expect(await Promise.all([again.stop(), other.stop()])).toEqual([0, 0]);
  }, 420_000);
});

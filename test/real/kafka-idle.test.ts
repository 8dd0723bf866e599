import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { type KafkaSuite, startKafkaSuite, untilShared } from '../support/kafka-suite.ts';
import { eventually, type KybernProcess } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const services = 80;
const metric = 'idle.level';
const minuteMs = 60_000;
const stepMs = 10_000;
/** Samples of each service to begin with; then every second one falls silent for three hours of event time. */
const points = 120;
const silentMinutes = 180;
const names = Array.from({ length: services }, (_, at) => `idle-${at}`);
const resting = names.filter((_, at) => at % 2 === 0);
const lively = names.filter((_, at) => at % 2 === 1);

const random = createRandom(5);

async function send(otlpUrl: string, of: readonly string[], timesMs: readonly number[]): Promise<void> {
  const resourceMetrics = of.map((name) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
    scopeMetrics: [
      {
        metrics: [
          {
            name: metric,
            gauge: {
              dataPoints: timesMs.map((timeMs) => ({ timeUnixNano: `${timeMs}000000`, asDouble: 50 + 10 * random() })),
            },
          },
        ],
      },
    ],
  }));
  const answer = await fetch(`${otlpUrl}/v1/metrics`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceMetrics }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

/** A line of each service, long before the log begins. */
async function sendLines(otlpUrl: string, of: readonly string[], timeMs: number): Promise<void> {
  const resourceLogs = of.map((name, at) => ({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: name } }] },
    scopeLogs: [
      {
        logRecords: [
          { timeUnixNano: `${timeMs}000000`, severityNumber: 9, body: { stringValue: `served request ${at} in 3 ms` } },
        ],
      },
    ],
  }));
  const answer = await fetch(`${otlpUrl}/v1/logs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ resourceLogs }),
  });
  expect(answer.status, await answer.text()).toBe(200);
}

interface Status {
  readonly series: number;
  readonly resident: number;
}

async function statusOf(processes: readonly KybernProcess[]): Promise<Status> {
  const each = await Promise.all(processes.map((kybern) => kybern.get<Status>('/api/v1/status')));
  return {
    series: each.reduce((sum, { series }) => sum + series, 0),
    resident: each.reduce((sum, { resident }) => sum + resident, 0),
  };
}

async function untilStatus(processes: readonly KybernProcess[], wanted: Status, withinMs = 60_000): Promise<void> {
  let seen: Status | undefined;
  await eventually(
    async () => {
      seen = await statusOf(processes);
      return seen.series === wanted.series && seen.resident === wanted.resident;
    },
    {
      withinMs,
      what: () => `${JSON.stringify(wanted)}, not ${JSON.stringify(seen)}: ${processes.at(-1)?.output().slice(-3000)}`,
    },
  );
}

interface Found {
  readonly items: readonly {
    readonly entity: { readonly name: string };
    readonly scoring?: { readonly samples: number };
  }[];
}

/** Samples that each service's series has lived through, as whoever scores it says. */
async function samplesOf(processes: readonly KybernProcess[], of: readonly string[]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of of) {
    for (const kybern of processes) {
      const query = `/api/v1/query?metric=${metric}&label.service.name=${name}&maxPoints=1`;
      const { items } = await kybern.get<Found>(query);
      const samples = items[0]?.scoring?.samples;
      if (samples !== undefined) found[name] = (found[name] ?? 0) + samples;
    }
  }
  return found;
}

async function untilSamples(processes: readonly KybernProcess[], of: readonly string[], each: number): Promise<void> {
  let seen: Record<string, number> = {};
  const wanted = Object.fromEntries(of.map((name) => [name, each]));
  await eventually(
    async () => {
      seen = await samplesOf(processes, of);
      return JSON.stringify(seen) === JSON.stringify(wanted);
    },
    { withinMs: 45_000, everyMs: 1000, what: () => `${each} samples each, not ${JSON.stringify(seen)}` },
  );
}

async function metricOf(kybern: KybernProcess, name: string): Promise<number> {
  const text = await (await fetch(`${kybern.url}/metrics`)).text();
  return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (.*)$`, 'm').exec(text)?.[1] ?? 0);
}

describe.runIf(standHas('kafka') && standHas('clickhouse'))('idle series and the past of partitions on Kafka', () => {
  let suite: KafkaSuite;
  const running: KybernProcess[] = [];
  const detectors = { thread: 'all', metrics: { spillAfterSeconds: 600 } };
  const analysis = { checkpointSeconds: 2, latenessSeconds: 0 };
  const startMs = Math.floor(Date.now() / stepMs) * stepMs - points * stepMs - silentMinutes * minuteMs - 10 * minuteMs;
  const silentFromMs = startMs + points * stepMs;

  beforeAll(async () => {
    suite = await startKafkaSuite({ kafkaPort: 21620, brokers: 1, clickHousePort: 21660 });
  });
  afterAll(() => suite?.stop(running));

  async function started(shared: ReturnType<KafkaSuite['group']>, port: number): Promise<KybernProcess> {
    const kybern = await shared.start(port);
    running.push(kybern);
    return kybern;
  }

  test('series put aside go with their partitions, by kill and in order, and go on with all that they knew', async () => {
    const shared = suite.group('idle', { analysis, detectors });
    const first = await started(shared, 21650);
    const second = await started(shared, 21652);
    await untilShared([first, second], 6);
    for (let from = 0; from < points; from += 20)
      await send(
        first.otlpUrl,
        names,
        Array.from({ length: 20 }, (_, at) => startMs + (from + at) * stepMs),
      );
    for (let minute = 0; minute < silentMinutes; minute += 3)
      await send(
        second.otlpUrl,
        lively,
        [0, 1, 2].map((at) => silentFromMs + (minute + at) * minuteMs),
      );
    await untilStatus([first, second], { series: services, resident: lively.length });
    // What is put aside is saved with the next state.
    await new Promise((resolve) => setTimeout(resolve, 6000));

    const killedMs = performance.now();
    await first.kill();
    await untilShared([second], 12);
    await untilStatus([second], { series: services, resident: lively.length });
    const takenOverMs = Math.round(performance.now() - killedMs);
    const backMs = silentFromMs + silentMinutes * minuteMs;
    const half = resting.slice(0, resting.length / 2);
    await send(second.otlpUrl, half, [backMs]);
    await untilSamples([second], half, points + 1);
    await untilStatus([second], { series: services, resident: lively.length + half.length });

    // In order: to one that joins, and then all of it to that one.
    const third = await started(shared, 21654);
    await untilShared([second, third], 6);
    await untilStatus([second, third], { series: services, resident: lively.length + half.length });
    expect(await second.stop()).toBe(0);
    await untilShared([third], 12);
    await send(third.otlpUrl, resting, [backMs + stepMs]);
    await untilSamples([third], half, points + 2);
    await untilSamples([third], resting.slice(half.length), points + 1);
    await untilSamples([third], lively, points + silentMinutes);
    await untilStatus([third], { series: services, resident: services });
    const damaged = await metricOf(third, 'kybern_detector_series_damaged_total');
    const restored = await metricOf(third, 'kybern_detector_series_restored_total');
    console.info({ takenOverMs, restored, damaged });
    expect([restored, damaged]).toEqual([resting.length - half.length, 0]);
    expect(await third.stop()).toBe(0);
  }, 420_000);

  test('partitions without a state learn their own series from the store, and count nothing twice', async () => {
    const before = suite.group('idle', { analysis, detectors });
    const client = new kafkajs.Kafka({ brokers: suite.kafka.brokers, logLevel: kafkajs.logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();
    await admin.deleteTopics({ topics: ['idle.state'] });
    await admin.disconnect();
    const first = await started(before, 21656);
    const second = await started(before, 21658);
    await untilShared([first, second], 6);
    await untilSamples([first, second], lively, points + silentMinutes);
    const learnt = await Promise.all([first, second].map((each) => metricOf(each, 'kybern_backfill_samples_total')));
    console.info({ lostState: learnt });
    expect(Math.min(...learnt)).toBeGreaterThan(0);
    expect((await statusOf([first, second])).series).toBe(services);
    expect(await Promise.all([first.stop(), second.stop()])).toEqual([0, 0]);

    // New topics, so a log without anything, in front of the same database.
    const store = { kind: 'server', url: 'http://127.0.0.1:21660', database: 'idle' };
    const anew = suite.group('anew', { analysis, detectors, store });
    const third = await started(anew, 21662);
    const fourth = await started(anew, 21664);
    await untilShared([third, fourth], 6);
    await untilSamples([third, fourth], lively, points + silentMinutes);
    expect((await statusOf([third, fourth])).series).toBe(services);
    await send(third.otlpUrl, lively, [silentFromMs + (silentMinutes + 5) * minuteMs]);
    await untilSamples([third, fourth], lively, points + silentMinutes + 1);
    await sendLines(third.otlpUrl, names, startMs);
    const kept = await before.openStore();
    await eventually(async () => (await kept.counts()).logs === services, {
      withinMs: 30_000,
      what: () => 'a line of each service to be stored',
    });
    await kept.close();
    expect(await Promise.all([third.stop(), fourth.stop()])).toEqual([0, 0]);
    const fifth = await started(suite.group('again', { analysis, detectors, store }), 21666);
    await untilShared([fifth], 12);
    const lines = 'kybern_backfill_records_total{kind="logs"}';
    await eventually(async () => (await metricOf(fifth, lines)) === services, {
      withinMs: 60_000,
      what: () => `a line of each service to be learnt, once: ${fifth.output().slice(-3000)}`,
    });
    expect(await fifth.stop()).toBe(0);
  }, 420_000);

  test('a process with other classes of models says so, as the others do of it, and both work on', async () => {
    const classes = [{ name: 'queues', match: ['idle.*'] }];
    const first = await started(suite.group('classes', { analysis }), 21670);
    const other = await started(suite.group('classes', { analysis, detectors: { models: { classes } } }), 21672);
    await untilShared([first, other], 6);
    const differing = async () =>
      Promise.all([first, other].map((each) => metricOf(each, 'kybern_model_classes_differing_processes')));
    const untilDiffering = (wanted: readonly number[]) =>
      eventually(async () => JSON.stringify(await differing()) === JSON.stringify(wanted), {
        withinMs: 20_000,
        what: () => `${wanted} processes with other classes`,
      });
    await untilDiffering([1, 1]);
    for (const kybern of [first, other]) {
      const ready = await fetch(`${kybern.url}/readyz`);
      expect([ready.status, await ready.text()]).toEqual([200, expect.stringContaining('KYBERN_MODEL_CLASSES')]);
      expect(kybern.output().split('has other classes of series').length).toBe(2);
    }
    await send(other.otlpUrl, lively, [Date.now()]);
    await untilSamples([first, other], lively, 1);
    expect(await other.stop()).toBe(0);
    const rolled = await started(suite.group('classes', { analysis }), 21672);
    await untilShared([first, rolled], 6);
    await eventually(async () => (await metricOf(first, 'kybern_model_classes_differing_processes')) === 0, {
      withinMs: 20_000,
      what: () => 'the two to agree',
    });
    await untilSamples([first, rolled], lively, 1);
    expect(await Promise.all([first.stop(), rolled.stop()])).toEqual([0, 0]);
  }, 180_000);
});

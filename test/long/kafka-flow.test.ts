import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { withDefaults } from '../../engine/index.ts';
import { createRandom, noMetrics } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import { countSamples } from '../support/check-data-dir.ts';
import { startCollector } from '../support/collector.ts';
import { startKafka } from '../support/kafka-broker.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';
import { readOwnMetrics } from '../support/read-kybern.ts';
import { stand, standHas } from '../support/stand.ts';

const signals = ['metrics', 'logs', 'traces'] as const;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe.runIf(standHas('kafka') && standHas('otel'))('Kybern reads from Kafka', () => {
  let kafka: Awaited<ReturnType<typeof startKafka>>;
  let kybern: KybernProcess | undefined;

  beforeAll(async () => {
    kafka = await startKafka({ directory: join(temporaryDirectory('kybern-kafka-'), 'run'), port: 21_420 });
  });
  afterAll(async () => {
    await kybern?.kill();
    await kafka?.wipe();
    removeTemporaryDirectories();
  });

  const start = (dataDir: string, groupId: string, topics: readonly string[]) =>
    startKybern({
      dataDir,
      port: 21_450,
      otlpPort: 21_451,
      config: {
        mode: 'observe',
        ingest: {
          otlp: { grpc: { port: 21_452 } },
          kafka: [{ brokers: [kafka.broker], groupId, topics: topics.map((topic) => ({ topic })) }],
        },
      },
      readyWithinMs: 60_000,
    });

  function collectorConfig(encoding: string): string {
    const ofSignal = Object.fromEntries(
      signals.map((signal) => [signal, { topic: `${encoding}_${signal}`, encoding }]),
    );
    const pipeline = { receivers: ['otlp'], processors: ['batch'], exporters: ['kafka'] };
    const path = join(temporaryDirectory(), 'collector.yaml');
    const endpoints = { grpc: { endpoint: '127.0.0.1:21460' }, http: { endpoint: '127.0.0.1:21461' } };
    writeFileSync(
      path,
      stringify({
        receivers: { otlp: { protocols: endpoints } },
        processors: { batch: { timeout: '100ms' } },
        exporters: { kafka: { brokers: [kafka.broker], ...ofSignal, producer: { compression: 'zstd' } } },
        service: {
          telemetry: { metrics: { level: 'none' } },
          pipelines: Object.fromEntries(signals.map((signal) => [signal, pipeline])),
        },
      }),
    );
    return path;
  }

  test.each(['otlp_proto', 'otlp_json'])('what a real Collector writes as %s: sent is stored', async (encoding) => {
    const topics = signals.map((signal) => `${encoding}_${signal}`);
    kybern = await start(temporaryDirectory(), `group-${encoding}`, topics);
    const collector = await startCollector({ config: collectorConfig(encoding), port: 21_460, kybernOtlp: '' });
    const generate = (signal: string, ...options: readonly string[]) =>
      stand('otel', [
        ...['generate', signal, '--otlp-endpoint', collector.endpoint, '--service', encoding, '--rate', '100'],
        ...['--workers', '1', ...options],
      ]);
    try {
      await generate('metrics', '--metrics', '300', '--otlp-metric-name', 'queue.depth');
      await generate('logs', '--logs', '300', '--body', 'a generated line');
      await generate('traces', '--traces', '150', '--child-spans', '1');
      const own = kybern;
      const accepted = async () => {
        const read = await readOwnMetrics(own);
        return signals.map((signal) => read('kybern_ingest_items_accepted_total', { protocol: 'kafka', signal }));
      };
      await eventually(async () => (await accepted()).reduce((sum, count) => sum + count, 0) >= 900, {
        withinMs: 60_000,
        what: () => `900 items: ${own.output()}${collector.output()}`,
      });
      expect(await accepted()).toEqual([300, 300, 300]);
      const path = '/api/v1/logs?text=generated&limit=500';
      await eventually(async () => (await own.get<{ items: object[] }>(path)).items.length >= 300, {
        withinMs: 30_000,
        what: () => 'the log lines in the store',
      });
      expect((await own.get<{ items: object[] }>(path)).items).toHaveLength(300);
    } finally {
      await collector.stop();
    }
    expect(await kybern.stop()).toBe(0);
    kybern = undefined;
  });

  test('kill -9 of Kybern in full flow, five times: none lost, none doubled', async () => {
    const topic = 'ledger_metrics';
    const groupId = 'group-ledger';
    await kafka.createTopic(topic, 4);
    const ledger = { startMs: Date.now() - 3_600_000, tickMs: 100, series: 50, acknowledged: 0 };
    const producer = kafka.client.producer();
    await producer.connect();
    let stop = false;
    const sending = (async () => {
      for (let tick = 0; !stop; tick++) {
        const timestamp = ledger.startMs + tick * ledger.tickMs;
        const rows = Array.from({ length: ledger.series }, (_, row) => ({
          ...{ name: 'ledger.tick', value: tick, timestamp },
          labels: { row: String(row) },
        }));
        await producer.send({ topic, acks: -1, messages: [{ value: JSON.stringify(rows) }] });
        ledger.acknowledged = tick + 1;
        await pause(10);
      }
    })();

    const dataDir = temporaryDirectory();
    const random = createRandom(20_261_125);
    for (let kill = 0; kill < 5; kill++) {
      kybern = await start(dataDir, groupId, [topic]);
      await pause(2000 + 2000 * random());
      await kybern.kill();
    }
    kybern = await start(dataDir, groupId, [topic]);
    await pause(2000);
    stop = true;
    await sending;
    await producer.disconnect();
    const own = kybern;
    await eventually(async () => (await kafka.committed(groupId, topic)) === ledger.acknowledged, {
      withinMs: 60_000,
      what: () => `all ${ledger.acknowledged} to be committed: ${own.output().slice(-3000)}`,
    });
    const lastMs = ledger.startMs + (ledger.acknowledged - 1) * ledger.tickMs;
    const last = `/api/v1/query?metric=ledger.tick&label.row=0&from=${new Date(lastMs - 1000).toISOString()}&to=${new Date(lastMs + 100).toISOString()}`;
    await eventually(
      async () => {
        const { items } = await own.get<{ items: { points: { values: number[] } }[] }>(last);
        return items.some(({ points }) => points.values.includes(ledger.acknowledged - 1));
      },
      { withinMs: 60_000, what: () => 'the last tick in the store' },
    );
    expect(await own.stop()).toBe(0);
    kybern = undefined;
    const config = withDefaults(StoreConfig, {}) as StoreConfig;
    const store = await openStore({ config, directory: join(dataDir, 'store'), metrics: noMetrics });
    const counts = await countSamples(store, { ...ledger, run: async () => {}, stop() {}, target() {} });
    await store.close();
    process.stdout.write(`${ledger.acknowledged * ledger.series} samples acknowledged by Kafka, 5 kills\n`);
    expect(counts).toEqual({ lost: 0, doubled: 0, foreign: 0 });
  });
});

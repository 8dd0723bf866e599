import { setTimeout as pause } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { createKafkaClient, KafkaConnection } from '../../ingest/kafka/index.ts';
import { startKafkaQuorum } from '../../test/support/kafka-quorum.ts';
import { eventually, removeTemporaryDirectories, temporaryDirectory } from '../../test/support/kybern-process.ts';
import { sharedKybern, standingOf } from '../../test/support/shared-kybern.ts';
import { stand } from '../../test/support/stand.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { otlpDoor } from './doors.ts';
import { createLedger } from './ledger.ts';
import { observe } from './observe.ts';
import { openForReading } from './read-back.ts';
import { reportOf } from './report.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const brokersBench: Bench = {
  name: 'brokers',
  title: 'the log on Kafka: kill -9 of one broker of three, ten times in turn, under 5,000 samples a second',
  run: measureBrokers,
};

const brokers = 3;
const partitions = 12;
const downMs = 3000;
const storeUrl = 'http://127.0.0.1:22032';
const prefix = 'chaos';
const silent = { debug() {}, info() {}, warn() {}, error() {} };

async function measureBrokers({ quick, say }: BenchOptions): Promise<BenchResult> {
  const kills = quick ? 2 : 10;
  const directory = temporaryDirectory('kybern-chaos-');
  const environment = { STAND_RUN: directory, STAND_CLICKHOUSE_PORT: '22032' };
  const kafka = await startKafkaQuorum({ directory, port: 22_010, brokers });
  await stand('clickhouse', ['start'], environment);
  const shared = sharedKybern({
    brokers: kafka.brokers,
    storeUrl,
    partitions,
    replicationFactor: brokers,
    prefix,
  });
  const kybern = await shared.start(22_054);
  try {
    await eventually(async () => (await standingOf(kybern)).partitions === partitions, {
      withinMs: 60_000,
      what: () => `all partitions: ${kybern.output().slice(-3000)}`,
    });
    const ledger = createLedger({ door: otlpDoor(500), startMs: Date.now(), tickMs: 100 });
    ledger.target(kybern.otlpUrl);
    const sending = ledger.run();
    await pause(5000);
    const recoveriesMs: number[] = [];
    const standstillsMs: number[] = [];
    let mostMegabytes = 0;
    for (let kill = 0; kill < kills; kill++) {
      const broker = String(1 + (kill % brokers));
      const seen = await observe(kybern, ledger, async () => {
        await kafka.command('kill', broker);
        await pause(downMs);
        const bootedMs = performance.now();
        const booting = kafka.command('boot', broker);
        const fresh = untilFresh(kybern, bootedMs);
        const [freshMs] = await Promise.all([fresh, booting]);
        recoveriesMs.push(freshMs);
        // A second broker may die only when the first is a replica again: two of three must be in sync.
        await untilInSync(kafka.brokers);
      });
      standstillsMs.push(seen.longestStandstillMs);
      mostMegabytes = Math.max(mostMegabytes, seen.mostMegabytes);
      say(
        `broker ${broker} killed: nothing acknowledged for ${Math.round(seen.longestStandstillMs)} ms at most, ` +
          `fresh ${Math.round(recoveriesMs.at(-1)!)} ms after its start`,
      );
    }
    ledger.stop();
    await sending;
    await untilFresh(kybern, performance.now());
    const store = await openForReading('', { kind: 'server', url: storeUrl, database: prefix });
    // Partitions are carried over side by side: a fresh sample is a promise of its own partition alone.
    await eventually(async () => (await readVerdict(store, [ledger])).lost === 0, {
      withinMs: 60_000,
      everyMs: 2000,
      what: () => 'all to be stored',
    }).catch(() => {});
    const verdict = await readVerdict(store, [ledger]);
    await store.close();
    await kybern.stop();
    const longest = Math.max(...standstillsMs) / 1000;
    return reportOf({
      verdict,
      ledgers: [ledger],
      recoveriesMs,
      figures: { kills, longestWithoutAcknowledgementSeconds: longest, peakRssMegabytes: mostMegabytes },
      bars: [atMost('longest time without an acknowledgement, s', longest, 15)],
    });
  } finally {
    await kybern.kill();
    await stand('clickhouse', ['wipe'], environment);
    await kafka.command('wipe');
    removeTemporaryDirectories();
  }
}

/** Waits until every partition has all its replicas. */
async function untilInSync(addresses: readonly string[]): Promise<void> {
  const settings = Value.Default(KafkaConnection, { brokers: addresses });
  const admin = createKafkaClient(Value.Parse(KafkaConnection, settings), silent).admin();
  await eventually(
    async () => {
      try {
        await admin.connect();
        const { topics } = await admin.fetchTopicMetadata();
        return topics.every((topic) => topic.partitions.every(({ isr, replicas }) => isr.length === replicas.length));
      } catch {
        return false;
      }
    },
    { withinMs: 120_000, what: () => 'all replicas in sync', everyMs: 500 },
  );
  await admin.disconnect();
}

import { countSamples } from './check-data-dir.ts';
import { type KafkaQuorum, startKafkaQuorum } from './kafka-quorum.ts';
import type { Ledger } from './kill-ledger.ts';
import { eventually, type KybernProcess, removeTemporaryDirectories, temporaryDirectory } from './kybern-process.ts';
import { sharedKybern, standingOf } from './shared-kybern.ts';
import { stand } from './stand.ts';

type SharedKybern = ReturnType<typeof sharedKybern>;

/** What suites stand on whose processes share a Kafka and a ClickHouse. */
export interface KafkaSuite {
  readonly kafka: KafkaQuorum;
  /** Twelve partitions, replicated to every broker; topics, group and database of this name. */
  group(prefix: string, config?: Readonly<Record<string, unknown>>): SharedKybern;
  /** Kills what was started, ends both and removes their data. */
  stop(running: readonly (KybernProcess | undefined)[]): Promise<void>;
}

/** Starts the stand's Kafka, on ports from `kafkaPort` on, and its ClickHouse. */
export async function startKafkaSuite(options: {
  readonly kafkaPort: number;
  readonly brokers: number;
  readonly clickHousePort: number;
}): Promise<KafkaSuite> {
  const { kafkaPort, brokers, clickHousePort } = options;
  const directory = temporaryDirectory('kybern-kafka-');
  const environment = { STAND_RUN: directory, STAND_CLICKHOUSE_PORT: String(clickHousePort) };
  const kafka = await startKafkaQuorum({ directory, port: kafkaPort, brokers });
  await stand('clickhouse', ['start'], environment);
  return {
    kafka,
    group: (prefix, config = {}) =>
      sharedKybern({
        brokers: kafka.brokers,
        storeUrl: `http://127.0.0.1:${clickHousePort}`,
        partitions: 12,
        replicationFactor: brokers,
        prefix,
        config,
      }),
    async stop(running) {
      await Promise.all(running.map((each) => each?.kill()));
      await stand('clickhouse', ['wipe'], environment);
      await kafka.stop();
      removeTemporaryDirectories();
    },
  };
}

/** Until each process has so many partitions. */
export async function untilShared(processes: readonly KybernProcess[], each: number): Promise<void> {
  let seen = '';
  await eventually(
    async () => {
      const standings = await Promise.all(processes.map(standingOf));
      seen = JSON.stringify(standings);
      return standings.every(({ partitions }) => partitions === each);
    },
    {
      withinMs: 60_000,
      what: () => `${each} partitions each, not ${seen}: ${processes.at(-1)?.output().slice(-4000)}`,
    },
  );
}

/** What the store has of a ledger, once it has everything acknowledged or a minute and a half has gone by. */
export async function storedOf(shared: SharedKybern, ledger: Ledger) {
  const store = await shared.openStore();
  await eventually(async () => (await countSamples(store, ledger)).lost === 0, {
    withinMs: 90_000,
    everyMs: 2000,
    what: () => 'everything acknowledged to be in the store',
  }).catch(() => {});
  const counts = await countSamples(store, ledger);
  await store.close();
  return counts;
}

import { readDecisions, systemClock, withDefaults } from '../../engine/index.ts';
import { LogConfig, openKafkaLog } from '../../ingest/log/index.ts';
import { type Decision, noMetrics, type Store } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import { type KybernProcess, spawnKybern, temporaryDirectory, untilReady } from './kybern-process.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Several processes of the real program that share one Kafka and one ClickHouse. */
export function sharedKybern(options: {
  readonly brokers: readonly string[];
  readonly storeUrl: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly prefix: string;
  /** More of the configuration. */
  readonly config?: Readonly<Record<string, unknown>>;
}) {
  const { brokers, storeUrl, partitions, replicationFactor, prefix } = options;
  const kafka = { connection: { brokers }, topicPrefix: prefix, groupId: prefix, partitions, replicationFactor };
  const log = { kind: 'kafka', kafka };
  const store = { kind: 'server', url: storeUrl, database: prefix };

  return {
    /** Ports from `port` on: API, OTLP/HTTP. */
    spawn: (port: number): KybernProcess =>
      spawnKybern({
        dataDir: temporaryDirectory(),
        port,
        otlpPort: port + 1,
        config: { log, store, analysis: { checkpointSeconds: 5 }, ...options.config },
      }),
    async start(port: number): Promise<KybernProcess> {
      const kybern = this.spawn(port);
      await untilReady(kybern, 60_000);
      return kybern;
    },
    openStore: (): Promise<Store> =>
      openStore({ config: withDefaults(StoreConfig, store) as StoreConfig, directory: '', metrics: noMetrics }),
    /** Every revision of every decision. */
    async decisions(): Promise<Decision[]> {
      const { kafka: config } = withDefaults(LogConfig, log) as LogConfig;
      const opened = await openKafkaLog({ config, clock: systemClock, metrics: noMetrics, log: silent });
      const found: Decision[] = [];
      for await (const decision of readDecisions(await opened.open('decisions', 0), 0)) found.push(decision);
      await opened.close();
      return found;
    },
  };
}

/** How many partitions a process has, and who decides, as its readiness tells. */
export async function standingOf(kybern: KybernProcess): Promise<{ partitions: number; decider: string }> {
  const response = await fetch(`${kybern.url}/readyz`, { signal: AbortSignal.timeout(5000) });
  const text = await response.text();
  const [, partitions, decider] = /(\d+) of \d+ partitions here; (\S+) decides/.exec(text) ?? [];
  return { partitions: Number(partitions ?? -1), decider: decider ?? '' };
}

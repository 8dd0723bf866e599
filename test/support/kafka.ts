import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from './kybern-process.ts';
import { stand } from './stand.ts';

export interface KafkaStand {
  readonly brokers: readonly string[];
  /** kill -9 of the broker. */
  kill(): Promise<void>;
  boot(): Promise<void>;
  /** Ends it and removes its data. */
  stop(): Promise<void>;
}

/** One broker of the stand's Kafka on this port, with data of its own. */
export async function startKafka(options: { readonly port: number }): Promise<KafkaStand> {
  const directory = join(temporaryDirectory('kybern-kafka-'), 'run');
  const environment = { STAND_RUN: directory, STAND_KAFKA_PORT: String(options.port) };
  await stand('kafka', ['start', '1'], environment);
  return {
    brokers: [`127.0.0.1:${options.port}`],
    async kill() {
      await stand('kafka', ['kill', '1'], environment);
    },
    async boot() {
      await stand('kafka', ['boot', '1'], environment);
    },
    async stop() {
      await stand('kafka', ['wipe'], environment);
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

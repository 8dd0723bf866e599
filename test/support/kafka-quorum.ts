import { stand } from './stand.ts';

/** A Kafka of the stand for one suite, of as many brokers as wanted. */
export interface KafkaQuorum {
  readonly brokers: string[];
  /** kill N, boot N, pause N SECONDS and the other commands of the stand's script. */
  command(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

/** Ports from `port` on, two apart. */
export async function startKafkaQuorum(options: {
  readonly directory: string;
  readonly port: number;
  readonly brokers?: number;
}): Promise<KafkaQuorum> {
  const { directory, port, brokers = 1 } = options;
  const environment = { STAND_RUN: directory, STAND_KAFKA_PORT: String(port) };
  const command = (...args: readonly string[]) => stand('kafka', args, environment);
  await command('start', String(brokers));
  return {
    brokers: Array.from({ length: brokers }, (_, index) => `127.0.0.1:${port + 2 * index}`),
    command,
    async stop() {
      await command('stop');
    },
  };
}

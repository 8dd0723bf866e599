import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { Value } from 'typebox/value';
import { createKafkaClient, KafkaConnection } from '../../ingest/kafka/index.ts';
import { stand } from './stand.ts';

const run = promisify(execFile);
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** One broker of the stand's Kafka, in a directory and on a port of its own. */
export async function startKafka(options: { readonly directory: string; readonly port: number }) {
  const environment = {
    STAND_RUN: options.directory,
    STAND_KAFKA_PORT: String(options.port),
    STAND_KAFKA_PARTITIONS: '4',
  };
  await stand('kafka', ['start', '1'], environment);
  const broker = `127.0.0.1:${options.port}`;
  const connection = Value.Parse(KafkaConnection, Value.Default(KafkaConnection, { brokers: [broker] }));
  const client = createKafkaClient(connection, silent);

  async function withAdmin<T>(ask: (admin: ReturnType<typeof client.admin>) => Promise<T>): Promise<T> {
    const admin = client.admin();
    await admin.connect();
    try {
      return await ask(admin);
    } finally {
      await admin.disconnect();
    }
  }

  return {
    broker,
    client,
    createTopic: (topic: string, numPartitions: number, settings: Readonly<Record<string, string>> = {}) =>
      withAdmin((admin) =>
        admin.createTopics({
          waitForLeaders: true,
          topics: [
            { topic, numPartitions, configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })) },
          ],
        }),
      ),
    /** Changes a topic's setting while it is in use. */
    configure: (topic: string, name: string, value: string) =>
      withAdmin((admin) =>
        admin.alterConfigs({
          validateOnly: false,
          resources: [{ type: 2, name: topic, configEntries: [{ name, value }] }],
        }),
      ),
    /** Records in a topic. */
    async count(topic: string): Promise<number> {
      const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
      return ends.reduce((sum, { low, high }) => sum + Number(high) - Number(low), 0);
    },
    /** What a group has committed, summed over partitions. */
    async committed(groupId: string, topic: string): Promise<number> {
      const [found] = await withAdmin((admin) => admin.fetchOffsets({ groupId, topics: [topic] }));
      return found.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    },
    kill: () => stand('kafka', ['kill', '1'], environment),
    boot: () => stand('kafka', ['boot', '1'], environment),
    wipe: () => stand('kafka', ['wipe'], environment),
  };
}

/** kcat, a Kafka client that shares nothing with ours; undefined where it isn't installed. */
export const kcat = ['/usr/bin/kcat', '/usr/local/bin/kcat'].find((path) => existsSync(path));

/** Produces a record of each line. */
export function produceLines(
  broker: string,
  topic: string,
  lines: readonly string[],
  ...options: string[]
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(kcat ?? 'kcat', ['-P', '-b', broker, '-t', topic, ...options], {
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    let complaint = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text));
    child.once('error', reject).once('exit', (code) => (code === 0 ? resolve() : reject(new Error(complaint))));
    child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  });
}

/** All records of a topic as JSON objects, as kcat sees them. */
export async function consumeAll(broker: string, topic: string) {
  const { stdout } = await run(kcat ?? 'kcat', ['-C', '-b', broker, '-t', topic, '-e', '-q', '-J'], {
    maxBuffer: 64 << 20,
  });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { payload: string | null; key: string | null; headers?: string[] });
}

/** kcat's headers (name, value, name, value …) as an object. */
export function headersOf(record: { readonly headers?: readonly string[] }): Record<string, string> {
  const flat = record.headers ?? [];
  return Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : [])));
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock, withDefaults } from '../../engine/index.ts';
import { type KafkaLog, LogConfig, openKafkaLog } from '../../ingest/log/index.ts';
import { type TopicUnderTest, testLogContract } from '../../ingest/log/testing/log-contract.ts';
import { bytesOf, readAll, text } from '../../ingest/log/testing/open-test-log.ts';
import { type KybernError, noMetrics } from '../../model/index.ts';
import { type KafkaQuorum, startKafkaQuorum } from '../support/kafka-quorum.ts';
import { removeTemporaryDirectories, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas } from '../support/stand.ts';

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

describe.runIf(standHas('kafka'))('the log on Kafka', () => {
  let kafka: KafkaQuorum;
  let topics = 0;

  beforeAll(async () => {
    kafka = await startKafkaQuorum({ directory: temporaryDirectory('kybern-kafka-'), port: 21510 });
  });
  afterAll(async () => {
    await kafka?.stop();
    removeTemporaryDirectories();
  });

  function open(topicPrefix: string, compression = 'zstd', partitions = 2): Promise<KafkaLog> {
    const settings = {
      connection: { brokers: kafka.brokers },
      topicPrefix,
      compression,
      partitions,
      replicationFactor: 1,
    };
    const { kafka: config } = withDefaults(LogConfig, { kind: 'kafka', kafka: settings }) as LogConfig;
    return openKafkaLog({ config, clock: systemClock, metrics: noMetrics, log: quiet });
  }

  async function openTopic(prefix: string, compression: string): Promise<TopicUnderTest> {
    const log = await open(prefix, compression);
    const following = new AbortController();
    const followed = log.follow(following.signal);
    const close = async () => {
      following.abort();
      await followed;
      await log.close();
    };
    const reopen = async () => {
      await close();
      return openTopic(prefix, compression);
    };
    return { topic: await log.open('signals', 1), reopen, close };
  }

  describe.each(['zstd', 'lz4', 'snappy', 'none'])('one partition, %s', (compression) => {
    testLogContract(() => openTopic(`contract-${topics++}`, compression));
  });

  test('a reader in another process is woken and reads what was appended here', async () => {
    const [writer, reader] = [await open('two'), await open('two')];
    const stop = new AbortController();
    const following = reader.follow(stop.signal);
    const [to, from] = [await writer.open('signals', 0), await reader.open('signals', 0)];
    const woken = from.waitFor(1, stop.signal);
    await to.append(bytesOf('a'));
    await to.append(bytesOf('b'));
    expect(await woken).toBe(true);
    expect((await readAll(from)).map(text)).toEqual(['a', 'b']);
    stop.abort();
    await following;
    await Promise.all([writer.close(), reader.close()]);
  });

  test('a topic with another number of partitions is refused: entities would meet elsewhere', async () => {
    await (await open('fixed', 'zstd', 2)).close();
    const refusal = await open('fixed', 'zstd', 3).catch((error: KybernError) => error);
    expect(refusal).toMatchObject({ code: 'KYBERN_CONFIG' });
  });
});

import kafkajs from 'kafkajs';
import { type Clock, KybernError, type Metrics, type StateFiles } from '../../../model/index.ts';
import { createKafkaClient } from '../../kafka/client/kafka-client.ts';
import type { KafkaLog as KafkaClientLog } from '../../kafka/client/kafka-log.ts';
import { createLogMetrics } from '../log-metrics.ts';
import { type BlockProducer, createBlockProducer } from './block-producer.ts';
import type { KafkaLogConfig } from './config.ts';
import { clusterOf } from './kafka-wire.ts';
import { createKeyedRecords, type KeyedRecords } from './keyed-records.ts';
import { makeTopics, type TopicNames, topicNames } from './make-topics.ts';
import { createMembership, type Membership, type MembershipDeps } from './membership.ts';
import { createPartitionReader } from './partition-reader.ts';
import { openPartitionState, type PartitionStateDeps } from './partition-state.ts';
import { createPartitionTopic, type PartitionTopic } from './partition-topic.ts';
import { createSeriesDefinitions, type DefinedSeries, type SeriesDefinitions } from './series-definitions.ts';

/** The log in Kafka's topics: every part of it works on one partition, and a process opens those that it owns. */
export interface KafkaLog {
  readonly topics: TopicNames;
  readonly partitions: number;
  readonly producer: BlockProducer;
  open(topic: keyof TopicNames, partition: number): Promise<PartitionTopic>;
  definitions(partition: number, series: DefinedSeries): SeriesDefinitions;
  /** What one partition has put aside of its series. */
  idle(partition: number): KeyedRecords;
  state(partition: number, owner: Pick<PartitionStateDeps, 'generation' | 'confirm'>): Promise<StateFiles>;
  membership(
    group: 'score' | 'decide',
    deps: Pick<MembershipDeps, 'name' | 'onRevoke' | 'onAssigned' | 'onLost'>,
  ): Membership;
  /** Follows the ends of all open partitions until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

const followEveryMs = 100;
/** Short: what fails is tried again by the log itself, from fresh metadata and with a producer of a new id. */
const retry = { initialRetryTime: 100, maxRetryTime: 400, retries: 2 };

const codecs = {
  zstd: kafkajs.CompressionTypes.ZSTD,
  lz4: kafkajs.CompressionTypes.LZ4,
  snappy: kafkajs.CompressionTypes.Snappy,
  none: kafkajs.CompressionTypes.None,
};

/** Rejects with KYBERN_CONFIG or KYBERN_LOG_UNAVAILABLE. */
export async function openKafkaLog(options: {
  readonly config: KafkaLogConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: KafkaClientLog;
}): Promise<KafkaLog> {
  const { config, clock, log } = options;
  if (config.connection === undefined)
    throw new KybernError('KYBERN_CONFIG', 'log.kind kafka needs log.kafka.connection.brokers');
  const client = createKafkaClient(config.connection, log);
  await makeTopics(client.admin(), config, clock);
  const topics = topicNames(config.topicPrefix);
  const cluster = clusterOf(client.kafka(retry));
  await cluster.connect();
  const reader = createPartitionReader(cluster, clock);
  const producer = createBlockProducer({
    createProducer: () =>
      client.kafka(retry).producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
        retry,
      }),
    compression: codecs[config.compression],
    clock,
    metrics: createLogMetrics(options.metrics),
  });
  const open = new Set<{ readonly topic: string; readonly partition: number; readonly to: PartitionTopic }>();

  return {
    topics,
    partitions: config.partitions,
    producer,
    async open(name, partition) {
      const ref = { topic: topics[name], partition };
      const [range] = await reader.offsets([ref]);
      const to = createPartitionTopic({ ref, range, reader, producer, onClose: () => open.delete(entry) });
      const entry = { ...ref, to };
      open.add(entry);
      return to;
    },
    definitions: (partition, series) =>
      createSeriesDefinitions({ ref: { topic: topics.series, partition }, series, reader, producer }),
    idle: (partition) => createKeyedRecords({ ref: { topic: topics.idle, partition }, reader, producer }),
    state: (partition, owner) =>
      openPartitionState({ ref: { topic: topics.state, partition }, reader, producer, ...owner }),
    membership: (group, deps) =>
      createMembership({
        cluster: clusterOf(client.kafka(retry)),
        groupId: group === 'score' ? config.groupId : `${config.groupId}-decide`,
        topic: group === 'score' ? topics.signals : topics.findings,
        partitions: group === 'score' ? config.partitions : 1,
        sessionMs: config.sessionSeconds * 1000,
        clock,
        log,
        ...deps,
      }),
    async follow(signal) {
      while (await clock.sleep(followEveryMs, signal)) {
        const followed = [...open];
        if (followed.length === 0) continue;
        try {
          const ends = await reader.ends(followed);
          followed.forEach(({ to }, index) => {
            to.reached({ first: to.firstOffset, next: ends[index] });
          });
        } catch (error) {
          log.debug({ error: String(error) }, 'the ends of the partitions are not known right now');
          await reader.refresh();
        }
      }
    },
    async close() {
      for (const { to } of [...open]) to.close();
      await producer.close();
      await cluster.disconnect().catch(() => {});
    },
  };
}

import type { Admin } from 'kafkajs';
import { type Clock, KybernError } from '../../../model/index.ts';
import type { KafkaLogConfig } from './config.ts';

export interface TopicNames {
  readonly signals: string;
  readonly series: string;
  readonly findings: string;
  readonly state: string;
  readonly decisions: string;
  readonly models: string;
  readonly idle: string;
}

export function topicNames(prefix: string): TopicNames {
  return {
    signals: `${prefix}.signals`,
    series: `${prefix}.series`,
    findings: `${prefix}.findings`,
    state: `${prefix}.state`,
    decisions: `${prefix}.decisions`,
    models: `${prefix}.models`,
    idle: `${prefix}.idle`,
  };
}

/** A request's records of one partition are one batch, and what a cluster lists is one record. */
const largestBatchBytes = 16 * 1024 * 1024;
const attempts = 10;

/**
 * Makes the topics that are not there. Rejects with KYBERN_CONFIG where a topic has another number of partitions, with
 * KYBERN_LOG_UNAVAILABLE where no broker answers.
 */
export async function makeTopics(admin: Admin, config: KafkaLogConfig, clock: Clock): Promise<void> {
  const names = topicNames(config.topicPrefix);
  const kept = [{ name: 'retention.ms', value: '-1' }];
  const forHours = [{ name: 'retention.ms', value: String(config.retentionHours * 3_600_000) }];
  // Small segments: only closed ones are compacted, and a new owner reads what is there.
  const compacted = [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'segment.bytes', value: String(32 * 1024 * 1024) },
    { name: 'segment.ms', value: '3600000' },
    { name: 'min.cleanable.dirty.ratio', value: '0.2' },
    { name: 'delete.retention.ms', value: '600000' },
  ];
  const topics = [
    topic(names.signals, config.partitions, forHours),
    topic(names.series, config.partitions, compacted),
    topic(names.findings, 1, forHours),
    // One more, for the state of the process that decides.
    topic(names.state, config.partitions + 1, compacted),
    topic(names.decisions, 1, kept),
    topic(names.models, 1, compacted),
    topic(names.idle, config.partitions, compacted),
  ];

  function topic(name: string, numPartitions: number, entries: readonly { name: string; value: string }[]) {
    const { replicationFactor } = config;
    const durable = [
      { name: 'min.insync.replicas', value: replicationFactor >= 3 ? '2' : '1' },
      { name: 'unclean.leader.election.enable', value: 'false' },
      { name: 'max.message.bytes', value: String(largestBatchBytes) },
      // Compressed by whoever appends, never again by the broker.
      { name: 'compression.type', value: 'producer' },
    ];
    return { topic: name, numPartitions, replicationFactor, configEntries: [...durable, ...entries] };
  }

  async function make(): Promise<void> {
    await admin.connect();
    const present = new Set(await admin.listTopics());
    const missing = topics.filter((each) => !present.has(each.topic));
    if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
    const { topics: described } = await admin.fetchTopicMetadata({ topics: topics.map((each) => each.topic) });
    for (const { name, partitions } of described) {
      const wanted = topics.find((each) => each.topic === name)?.numPartitions;
      if (partitions.length !== wanted)
        throw new KybernError(
          'KYBERN_CONFIG',
          `log.kafka.partitions: topic ${name} has ${partitions.length} partitions, not ${wanted}`,
        );
    }
  }

  for (let attempt = 1; ; attempt++) {
    try {
      await make();
      return;
    } catch (cause) {
      if (cause instanceof KybernError) throw cause;
      if (attempt === attempts)
        throw new KybernError('KYBERN_LOG_UNAVAILABLE', `the topics cannot be made: ${String(cause)}`, { cause });
      await clock.sleep(1000);
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}

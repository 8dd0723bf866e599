import type { Consumer, EachBatchPayload } from 'kafkajs';
import type { Clock, Metrics, SeriesCatalog, SignalBatch } from '../../../model/index.ts';
import type { IngestLimits } from '../../config.ts';
import { createIngestMetrics } from '../../intake/ingest-metrics.ts';
import type { RecordGate } from '../../privacy/record-gate.ts';
import { createConsumerSupervisor } from '../client/consumer-supervisor.ts';
import { createKafkaClient } from '../client/kafka-client.ts';
import type { KafkaLog } from '../client/kafka-log.ts';
import type { KafkaSource } from '../config.ts';
import { createDeadLetterWriter } from '../dead-letter/dead-letter-writer.ts';
import { chunkRecords } from './chunk-records.ts';
import { createRecordDecoder, type RecordDecoder } from './decode-record.ts';
import { createPartitionHolds } from './partition-holds.ts';
import { createRecordIntake } from './record-intake.ts';

export interface KafkaSourceDeps {
  readonly config: KafkaSource;
  readonly limits: IngestLimits;
  readonly catalog: SeriesCatalog;
  /** Durable once resolved. */
  readonly append: (batches: SignalBatch[]) => Promise<void>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: KafkaLog;
  /** Takes out what is not to be kept. */
  readonly gate: RecordGate;
}

export interface KafkaFeed {
  /** Reads until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  standing(): { readonly ready: boolean; readonly detail: string };
}

const heartbeatMs = 2000;

/**
 * Telemetry from Kafka. A record's offset is committed only after what it holds is durable in the log (or it is in the
 * dead letters), so nothing is lost by a crash of either side; what was durable but not committed comes again and is known
 * by its keys in the store. How late a sample is plays no part here: the partitions of a topic are read at their own pace.
 * Throws KYBERN_CONFIG.
 */
export function createKafkaSource(deps: KafkaSourceDeps): KafkaFeed {
  const { config, clock, metrics, log } = deps;
  const source = config.name;
  const client = createKafkaClient(config, log);
  const deadLetters = createDeadLetterWriter({ client, clock, topic: config.deadLetterTopic, source });
  const holds = createPartitionHolds({ source, clock, metrics, log });
  const intake = createRecordIntake({
    source,
    decode: gated(createRecordDecoder(config.topics, deps.catalog, deps.limits), deps.gate),
    append: deps.append,
    deadLetters,
    maxDeliveries: config.maxDeliveries,
    clock,
    metrics,
    counts: createIngestMetrics(metrics),
  });
  const wanted = config.topics.map(({ topic }) => topic);

  const supervisor = createConsumerSupervisor({
    name: source,
    groupId: config.groupId,
    client,
    clock,
    metrics,
    log,
    create: () => client.consumer({ groupId: config.groupId }),
    start,
    topics: wanted,
    isHeldBack: holds.isHeld,
    stallSeconds: config.stallSeconds,
  });

  async function start(consumer: Consumer, topics: readonly string[]): Promise<void> {
    holds.clear();
    // Nothing but marks and aborted records: it is passed without us, so its end must be committed here.
    consumer.on(consumer.events.END_BATCH_PROCESS, async ({ payload: { topic, partition, batchSize, lastOffset } }) => {
      if (batchSize === 0) await consumer.commitOffsets([{ topic, partition, offset: nextOffset(lastOffset) }]);
    });
    await consumer.subscribe({ topics: [...topics], fromBeginning: config.fromBeginning });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: config.partitionsAtOnce,
      eachBatch,
    });
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, isRunning, isStale } = payload;
    const { topic, partition } = batch;
    for (const chunk of chunkRecords(batch.messages)) {
      if (!isRunning() || isStale()) return;
      const records = chunk.map((message) => ({ topic, partition, message }));
      const { taken, lost } = await beating(intake.take(records), payload.heartbeat);
      if (taken.finished > 0) {
        const last = chunk[taken.finished - 1].offset;
        resolveOffset(last);
        // Behind the last record there may be marks of transactions, which are never seen here.
        const through = last === batch.messages.at(-1)?.offset ? batch.lastOffset() : last;
        // On a rebalance too: a member may commit until the new generation is formed.
        const partitions = [{ partition, offset: nextOffset(through) }];
        await payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
        intake.committed(records.slice(0, taken.finished));
      }
      if (lost !== undefined) throw lost;
      if (taken.hold !== undefined) {
        holds.hold(topic, partition, taken.hold, payload.pause());
        return;
      }
      holds.release(topic, partition);
      await payload.heartbeat();
    }
  }

  /** Keeps the membership while the work lasts. What ends the membership is told when the work is done. */
  async function beating<T>(work: Promise<T>, heartbeat: () => Promise<void>): Promise<{ taken: T; lost?: unknown }> {
    const done = new AbortController();
    let lost: unknown;
    const beats = (async () => {
      while ((await clock.sleep(heartbeatMs, done.signal)) && lost === undefined) {
        await heartbeat().catch((error: unknown) => {
          lost = error;
        });
      }
    })();
    const taken = await work;
    done.abort();
    await beats;
    return { taken, ...(lost === undefined ? {} : { lost }) };
  }

  return {
    async run(signal) {
      await supervisor.run(signal);
      holds.clear();
      await deadLetters.close();
    },
    standing() {
      const lasting = holds.lasting();
      if (lasting.length > 0) return { ready: false, detail: `paused: ${lasting.slice(0, 5).join(', ')}` };
      return supervisor.standing();
    },
  };
}

function nextOffset(offset: string): string {
  return String(BigInt(offset) + 1n);
}

function gated(decode: RecordDecoder, gate: RecordGate): RecordDecoder {
  return (record, nowMs, tenant) => {
    const decoded = decode(record, nowMs, tenant);
    if (decoded.kind !== 'items') return decoded;
    return { ...decoded, batches: decoded.batches.map((batch) => gate.admit(batch, decoded.tally, tenant.name)) };
  };
}

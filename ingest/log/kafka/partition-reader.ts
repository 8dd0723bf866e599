import { type Clock, KybernError } from '../../../model/index.ts';
import { undecodableReason } from '../../kafka/client/undecodable-batch.ts';
import { errorType, type KafkaCluster, type WireMessage } from './kafka-wire.ts';

export interface PartitionRef {
  readonly topic: string;
  readonly partition: number;
}

export interface KafkaRecord {
  readonly offset: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface OffsetRange {
  readonly first: number;
  /** Offset of the next record: every record below it is on all replicas in sync. */
  readonly next: number;
}

/** Reads partitions by offset. Rejects with KYBERN_LOG_UNAVAILABLE where no leader answers in time. */
export interface PartitionReader {
  /** Records from this offset on, about so many bytes of them; none where there is none yet. */
  fetch(from: PartitionRef & { readonly offset: number; readonly maxBytes: number }): Promise<readonly KafkaRecord[]>;
  offsets(of: readonly PartitionRef[]): Promise<readonly OffsetRange[]>;
  /** `next` alone, which is cheaper; asked once, without retries: for those who ask again soon. */
  ends(of: readonly PartitionRef[]): Promise<readonly number[]>;
  /** Reads metadata anew, so that leaders that moved are found. */
  refresh(): Promise<void>;
  /** How many partitions a topic has. */
  partitions(topic: string): Promise<number>;
}

const attempts = 6;
const firstRetryMs = 100;
const earliest = -2;
const latest = -1;

export function createPartitionReader(cluster: KafkaCluster, clock: Clock): PartitionReader {
  /** A leader that moved, or a broker that went, is found again from fresh metadata. */
  async function retried<T>(what: string, ask: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await ask();
      } catch (error) {
        if (errorType(error) === 'OFFSET_OUT_OF_RANGE') throw error;
        if (attempt + 1 === attempts)
          throw new KybernError('KYBERN_LOG_UNAVAILABLE', `${what}: ${String(error)}`, { cause: error });
      }
      await clock.sleep(firstRetryMs * 2 ** attempt);
      await refresh();
    }
  }

  async function refresh(): Promise<void> {
    await cluster.connect().catch(() => {});
    await cluster.refreshMetadata().catch(() => {});
  }

  async function leaderOf({ topic, partition }: PartitionRef): Promise<string> {
    await cluster.addMultipleTargetTopics([topic]);
    const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
    if (nodeId === undefined) throw new Error(`${topic}-${partition} has no leader`);
    return nodeId;
  }

  async function list(of: readonly PartitionRef[], timestamp: number): Promise<Map<string, number>> {
    const found = new Map<string, number>();
    const byLeader = new Map<string, PartitionRef[]>();
    // Brokers refuse a request that names a partition twice.
    for (const ref of new Map(of.map((each) => [`${each.topic}-${each.partition}`, each])).values()) {
      const nodeId = await leaderOf(ref);
      byLeader.set(nodeId, [...(byLeader.get(nodeId) ?? []), ref]);
    }
    for (const [nodeId, refs] of byLeader) {
      const broker = await cluster.findBroker({ nodeId });
      const topics = [...Map.groupBy(refs, ({ topic }) => topic)].map(([topic, own]) => ({
        topic,
        partitions: own.map(({ partition }) => ({ partition, timestamp })),
      }));
      const { responses } = await broker.listOffsets({ isolationLevel: 0, topics });
      for (const { topic, partitions } of responses)
        for (const { partition, offset } of partitions) found.set(`${topic}-${partition}`, Number(offset));
    }
    return found;
  }

  return {
    fetch({ topic, partition, offset, maxBytes }) {
      return retried(`reading ${topic}-${partition}`, async () => {
        const broker = await cluster.findBroker({ nodeId: await leaderOf({ topic, partition }) });
        const { responses } = await broker.fetch({
          maxWaitTime: 0,
          minBytes: 1,
          maxBytes,
          isolationLevel: 0,
          topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes }] }],
        });
        const [{ messages }] = responses[0].partitions;
        return messages.map(recordOf).filter((record) => record.offset >= offset);
      });
    },
    offsets(of) {
      return retried('asking for offsets', async () => {
        const first = await list(of, earliest);
        const next = await list(of, latest);
        return of.map((ref) => ({ first: at(first, ref), next: at(next, ref) }));
      });
    },
    async ends(of) {
      const next = await list(of, latest);
      return of.map((ref) => at(next, ref));
    },
    refresh,
    partitions(topic) {
      return retried(`asking for ${topic}`, async () => {
        await cluster.addMultipleTargetTopics([topic]);
        return cluster.findTopicPartitionMetadata(topic).length;
      });
    },
  };
}

function at(offsets: ReadonlyMap<string, number>, { topic, partition }: PartitionRef): number {
  return offsets.get(`${topic}-${partition}`) ?? 0;
}

/** A batch that cannot be decompressed comes as records that say so: their readers find them unreadable and go on. */
function recordOf({ offset, key, value, headers }: WireMessage): KafkaRecord {
  const isReadable = undecodableReason(headers) === undefined;
  return { offset: Number(offset), key, value: isReadable ? value : Buffer.alloc(0) };
}

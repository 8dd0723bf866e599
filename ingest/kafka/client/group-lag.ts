import type { Admin } from 'kafkajs';

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** What the group has committed: the next offset to read; the first one there is where it committed none. */
  readonly committed: number;
  /** Records from there to the end. */
  readonly records: number;
}

/** How far the group is behind in these partitions. Rejects where the brokers do not answer. */
export async function readGroupLag(
  admin: Admin,
  groupId: string,
  assignment: Readonly<Record<string, readonly number[]>>,
): Promise<PartitionLag[]> {
  const topics = Object.keys(assignment);
  if (topics.length === 0) return [];
  const committed = await admin.fetchOffsets({ groupId, topics });
  const lags: PartitionLag[] = [];
  for (const { topic, partitions } of committed) {
    const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, end]));
    for (const { partition, offset } of partitions) {
      const end = ends.get(partition);
      if (end === undefined || !assignment[topic].includes(partition)) continue;
      // What retention has removed is no lag.
      const from = Math.max(Number(offset), Number(end.low));
      lags.push({ topic, partition, committed: from, records: Math.max(0, Number(end.high) - from) });
    }
  }
  return lags;
}

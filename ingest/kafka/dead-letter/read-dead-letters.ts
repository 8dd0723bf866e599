import type { KafkaMessage } from 'kafkajs';
import { type Clock, KybernError } from '../../../model/index.ts';
import type { KafkaClient } from '../client/kafka-client.ts';

/** A dead letter where it stands in its own topic. */
export interface StoredLetter {
  readonly partition: number;
  readonly message: KafkaMessage;
}

/** `keep`: it is dealt with. `leave`: it stays for the next time. `end`: it stays, and no more are wanted. */
export type LetterVerdict = 'keep' | 'leave' | 'end';

export interface ReadLettersOptions {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly topic: string;
  /** A group of the reader's own: where it goes on the next time. */
  readonly groupId: string;
  /** Whether what was dealt with is committed, so that the next time starts behind it. */
  readonly commits: boolean;
  readonly onLetters: (letters: readonly StoredLetter[]) => Promise<LetterVerdict[]>;
}

const withinMs = 60_000;

/**
 * Reads all letters that were there at the start and that the group has not dealt with. In each partition it commits up
 * to the first letter that was left. Rejects with KYBERN_KAFKA where the brokers do not answer in time.
 */
export async function readDeadLetters(options: ReadLettersOptions): Promise<void> {
  const { client, topic, groupId, clock } = options;
  const open = await openRanges(client, topic, groupId);
  if (open.size === 0) return;
  const over = Promise.withResolvers<void>();
  const left = new Set<number>();
  const consumer = client.consumer({ groupId });
  consumer.on(consumer.events.CRASH, ({ payload }) => over.reject(payload.error));
  const timer = new AbortController();
  clock.sleep(withinMs, timer.signal).then((isOver) => {
    if (isOver) over.reject(new Error(`not read within ${withinMs / 1000} s`));
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      async eachBatch({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat }) {
        const { partition } = batch;
        const end = open.get(partition);
        const messages = batch.messages.filter(({ offset }) => end !== undefined && BigInt(offset) < end);
        const verdicts = await options.onLetters(messages.map((message) => ({ partition, message })));
        const firstLeft = verdicts.findIndex((verdict) => verdict !== 'keep');
        const dealtWith = firstLeft < 0 ? messages.length : firstLeft;
        if (options.commits && dealtWith > 0 && !left.has(partition)) {
          const offset = String(BigInt(messages[dealtWith - 1].offset) + 1n);
          await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] });
        }
        if (firstLeft >= 0) left.add(partition);
        const last = batch.lastOffset();
        resolveOffset(last);
        if (end !== undefined && BigInt(last) + 1n >= end) open.delete(partition);
        if (open.size === 0 || verdicts.includes('end')) over.resolve();
        await heartbeat();
      },
    });
    await over.promise;
  } catch (cause) {
    throw new KybernError('KYBERN_KAFKA', `${topic} could not be read`, { cause });
  } finally {
    timer.abort();
    await consumer.disconnect();
  }
}

/** Partitions with letters that the group has not dealt with, and where they end now. */
async function openRanges(client: KafkaClient, topic: string, groupId: string): Promise<Map<number, bigint>> {
  const admin = client.admin();
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) return new Map();
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const from = new Map(committed.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
    const open = ends.filter(({ partition, low, high }) => {
      const next = from.get(partition) ?? -1n;
      return BigInt(high) > (next > BigInt(low) ? next : BigInt(low));
    });
    return new Map(open.map(({ partition, high }) => [partition, BigInt(high)]));
  } catch (cause) {
    throw new KybernError('KYBERN_KAFKA', `the brokers did not tell of ${topic}`, { cause });
  } finally {
    await admin.disconnect();
  }
}

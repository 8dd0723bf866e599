import type { Message, Producer } from 'kafkajs';
import type { Clock } from '../../../model/index.ts';
import { KybernError } from '../../../model/index.ts';
import { allInSyncReplicas, createKafkaClient, type KafkaClient } from '../client/kafka-client.ts';
import type { KafkaLog } from '../client/kafka-log.ts';
import { undecodableHeader } from '../client/undecodable-batch.ts';
import type { KafkaSource } from '../config.ts';
import { headerText } from '../source/kafka-record.ts';
import { errorHeaders, withoutErrorHeaders } from './dead-letter-headers.ts';
import { type LetterVerdict, readDeadLetters, type StoredLetter } from './read-dead-letters.ts';

/** What a dead letter says of itself. */
export interface LetterSummary {
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly code: string;
  readonly reason: string;
  readonly bytes: number;
  readonly timeMs: number;
}

export interface DeadLetterOptions {
  readonly source: KafkaSource;
  readonly clock: Clock;
  readonly log: KafkaLog;
  /** Only those that came from this topic. */
  readonly topic?: string;
  readonly limit: number;
}

export interface ReplayCounts {
  replayed: number;
  /** Of another topic than asked for; they stay. */
  left: number;
  /** They do not say where they came from, or stand for a batch that nobody could read. */
  unreplayable: number;
}

/** Those not replayed yet, up to the limit. */
export async function listDeadLetters(options: DeadLetterOptions): Promise<LetterSummary[]> {
  const found: LetterSummary[] = [];
  await readDeadLetters({
    ...readingOf(options, createKafkaClient(options.source, options.log)),
    commits: false,
    onLetters: async (letters) =>
      letters.map((letter): LetterVerdict => {
        const summary = summaryOf(letter);
        if (options.topic !== undefined && summary.topic !== options.topic) return 'leave';
        if (found.length < options.limit) found.push(summary);
        return found.length < options.limit ? 'leave' : 'end';
      }),
  });
  return found;
}

/**
 * Produces letters back to the topics they came from, as they were, and commits them in the replay's own group. With a
 * topic or a limit the letters before the first one left are committed; those replayed behind it are replayed again the
 * next time, which changes nothing in the store.
 */
export async function replayDeadLetters(options: DeadLetterOptions): Promise<ReplayCounts> {
  const client = createKafkaClient(options.source, options.log);
  const counts: ReplayCounts = { replayed: 0, left: 0, unreplayable: 0 };
  let producer: Producer | undefined;

  async function produce(messages: ReadonlyMap<string, Message[]>): Promise<void> {
    if (messages.size === 0) return;
    if (producer === undefined) {
      producer = client.producer();
      await producer.connect();
    }
    const topicMessages = [...messages].map(([topic, ofTopic]) => ({ topic, messages: ofTopic }));
    await producer.sendBatch({ acks: allInSyncReplicas, topicMessages });
  }

  try {
    await readDeadLetters({
      ...readingOf(options, client),
      commits: true,
      async onLetters(letters) {
        const byTopic = new Map<string, Message[]>();
        let taken = 0;
        const verdicts = letters.map((letter): LetterVerdict => {
          const { topic } = summaryOf(letter);
          if (options.topic !== undefined && topic !== options.topic) {
            counts.left++;
            return 'leave';
          }
          if (counts.replayed + taken >= options.limit) return 'end';
          if (topic === '' || letter.message.headers?.[undecodableHeader] !== undefined) {
            counts.unreplayable++;
            return 'keep';
          }
          taken++;
          byTopic.set(topic, [...(byTopic.get(topic) ?? []), originalOf(letter)]);
          return 'keep';
        });
        await produce(byTopic);
        counts.replayed += taken;
        return verdicts;
      },
    });
  } finally {
    await producer?.disconnect();
  }
  return counts;
}

function readingOf({ source, clock }: DeadLetterOptions, client: KafkaClient) {
  return { client, clock, topic: source.deadLetterTopic, groupId: `${source.groupId}-dead-letters` };
}

function summaryOf({ message }: StoredLetter): LetterSummary {
  const header = (name: string) => headerText(message.headers, `${errorHeaders}${name}`) ?? '';
  return {
    topic: header('topic'),
    partition: header('partition'),
    offset: header('offset'),
    code: header('exception.class.name'),
    reason: header('exception.message'),
    bytes: message.value?.length ?? 0,
    timeMs: Number(message.timestamp),
  };
}

/** The record as it was: the same key, so that it goes to the same partition. */
function originalOf({ message }: StoredLetter): Message {
  const { key, value, headers, timestamp } = message;
  return { key, value, timestamp, headers: withoutErrorHeaders(headers) };
}

/** The source of that name; the only one where none is named. Throws KYBERN_NOT_FOUND. */
export function findSource(sources: readonly KafkaSource[], name: string | undefined): KafkaSource {
  const found = name === undefined && sources.length === 1 ? sources[0] : sources.find((one) => one.name === name);
  if (found !== undefined) return found;
  const names = sources.map((one) => one.name).join(', ');
  throw new KybernError(
    'KYBERN_NOT_FOUND',
    `no source ${name ?? ''} under ingest.kafka; there are: ${names || 'none'}`,
  );
}

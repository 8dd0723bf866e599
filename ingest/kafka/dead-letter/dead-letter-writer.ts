import type { Message, Producer } from 'kafkajs';
import type { Clock } from '../../../model/index.ts';
import { allInSyncReplicas, type KafkaClient } from '../client/kafka-client.ts';
import type { KafkaRecord } from '../source/kafka-record.ts';
import { deadLetterHeaders } from './dead-letter-headers.ts';

export interface DeadLetter {
  readonly record: KafkaRecord;
  readonly error: unknown;
}

export interface DeadLetterWriter {
  /** All of them are on all in-sync replicas once resolved. Rejects where that is not so within some seconds. */
  write(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
}

const writeWithinMs = 10_000;
const retries = 3;

/** Key, value, headers and time stay as they were; why it is here is told in more headers. */
export function createDeadLetterWriter(deps: {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly topic: string;
  readonly source: string;
}): DeadLetterWriter {
  let producer: Promise<Producer> | undefined;
  const waiting: Message[] = [];
  let sending: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;

  async function connect(): Promise<Producer> {
    const made = deps.client.producer({ retries });
    await made.connect();
    return made;
  }

  /** A producer that failed is not used again: an idempotent one may refuse all that follows. */
  function letGo(): void {
    const gone = producer;
    producer = undefined;
    gone?.then((made) => made.disconnect()).catch(() => {});
  }

  async function send(messages: Message[]): Promise<void> {
    producer ??= connect();
    await (await producer).send({ topic: deps.topic, acks: allInSyncReplicas, messages });
  }

  async function sendInTime(messages: Message[]): Promise<void> {
    const timer = new AbortController();
    const late = deps.clock.sleep(writeWithinMs, timer.signal).then((isOver) => {
      if (isOver) throw new Error(`${deps.topic} was not written within ${writeWithinMs / 1000} s`);
    });
    late.catch(() => {});
    try {
      await Promise.race([send(messages), late]);
    } catch (error) {
      letGo();
      throw error;
    } finally {
      timer.abort();
    }
  }

  return {
    // What several partitions have while a send is under way goes with the next one.
    write(letters) {
      waiting.push(...letters.map((letter) => toMessage(letter, deps.source)));
      next ??= sending
        .catch(() => {})
        .then(() => {
          next = undefined;
          sending = sendInTime(waiting.splice(0));
          return sending;
        });
      return next;
    },
    async close() {
      letGo();
    },
  };
}

function toMessage({ record, error }: DeadLetter, source: string): Message {
  const { key, value, headers, timestamp, offset } = record.message;
  const { topic, partition } = record;
  return {
    key,
    value,
    timestamp,
    headers: deadLetterHeaders(headers, { topic, partition, offset, source, error }),
  };
}

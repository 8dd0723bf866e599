import type { Producer, ProducerBatch, RecordMetadata } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { noMetrics } from '../../../model/index.ts';
import { createLogMetrics } from '../log-metrics.ts';
import { createBlockProducer } from './block-producer.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Brokers that answer as `answer` says; each producer made is noted. */
function brokers(answer: (batch: ProducerBatch, producer: number) => RecordMetadata[] | Error) {
  const requests: { readonly producer: number; readonly values: string[] }[] = [];
  let made = 0;
  let nowMs = 0;
  const producer = createBlockProducer({
    createProducer() {
      const number = ++made;
      const fake: Pick<Producer, 'connect' | 'disconnect' | 'sendBatch'> = {
        connect: async () => {},
        disconnect: async () => {},
        async sendBatch(batch) {
          const messages = (batch.topicMessages ?? []).flatMap((each) => each.messages);
          requests.push({ producer: number, values: messages.map((message) => String(message.value)) });
          await new Promise((turn) => setImmediate(turn));
          const given = answer(batch, number);
          if (given instanceof Error) throw given;
          return given;
        },
      };
      return fake as Producer;
    },
    compression: 0,
    clock: { now: () => nowMs, sleep: () => new Promise((turn) => setImmediate(() => turn(true))) },
    metrics: createLogMetrics(noMetrics),
  });
  return {
    producer,
    requests,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

const accepts =
  (next = new Map<string, number>()) =>
  (batch: ProducerBatch): RecordMetadata[] =>
    (batch.topicMessages ?? []).flatMap(({ topic, messages }) =>
      [...Map.groupBy(messages, ({ partition }) => partition as number)].map(([partition, own]) => {
        const key = `${topic}-${partition}`;
        const baseOffset = next.get(key) ?? 0;
        next.set(key, baseOffset + own.length);
        return { topicName: topic, partition, errorCode: 0, baseOffset: String(baseOffset) };
      }),
    );

describe('appends to Kafka', () => {
  test('that come while a request is under way share the next one, and each learns its offset', async () => {
    const { producer, requests } = brokers(accepts());
    const places = [0, 1, 0, 1, 0].map((partition, i) => ({ topic: 't', partition, value: bytes(String(i)) }));
    const first = producer.append(places[0]);
    await new Promise((turn) => setImmediate(turn));
    const rest = Promise.all(places.slice(1).map(producer.append));
    expect([await first, ...(await rest)]).toEqual([0, 0, 1, 1, 2]);
    expect(requests.map(({ values }) => values)).toEqual([['0'], ['1', '2', '3', '4']]);
  });

  test('a producer that failed is never used again: its next sequence numbers would be taken for repetitions', async () => {
    const answer = accepts();
    const { producer, requests } = brokers((batch, number) => (number < 3 ? new Error('gone') : answer(batch)));
    const first = producer.append({ topic: 't', partition: 0, value: bytes('a') });
    await new Promise((turn) => setImmediate(turn));
    const second = producer.append({ topic: 't', partition: 0, value: bytes('b') });
    expect([await first, await second]).toEqual([0, 1]);
    expect(requests.map((request) => request.producer)).toEqual([1, 2, 3]);
    expect(requests[2].values).toEqual(['a', 'b']);
  });

  test('are refused when the brokers are away for some seconds', async () => {
    const { producer, pass } = brokers(() => new Error('gone'));
    const appended = producer.append({ topic: 't', partition: 0, value: bytes('a') });
    pass(10_000);
    await expect(appended).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE', message: 't: gone' });
  });

  test('what an answer does not name is not acknowledged, but sent again', async () => {
    const answer = accepts();
    const { producer, requests } = brokers((batch, number) =>
      answer(batch).filter(({ partition }) => number > 1 || partition === 0),
    );
    const appends = [0, 1].map((partition) => producer.append({ topic: 't', partition, value: bytes(`${partition}`) }));
    // Partition 1 has it twice by now: the broker had taken it, and only its answer was missing.
    expect(await Promise.all(appends)).toEqual([0, 1]);
    expect(requests.map(({ values }) => values)).toEqual([['0', '1'], ['1']]);
  });

  test('are refused at once where 64 MiB wait, and where they waited too long for their turn', async () => {
    const { producer, pass } = brokers(accepts());
    const block = new Uint8Array(3 << 20);
    const waiting = Array.from({ length: 21 }, () => producer.append({ topic: 't', partition: 0, value: block }));
    const settled = Promise.allSettled(waiting);
    await expect(producer.append({ topic: 't', partition: 0, value: block })).rejects.toMatchObject({
      code: 'KYBERN_OVERLOADED',
    });
    pass(60_000);
    expect((await settled).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
    expect(await producer.append({ topic: 't', partition: 0, value: bytes('room again') })).toBeGreaterThanOrEqual(0);
  });

  test('closing sends what waits and refuses the rest', async () => {
    const { producer } = brokers(accepts());
    const waiting = producer.append({ topic: 't', partition: 0, value: bytes('last') });
    await producer.close();
    expect(await waiting).toBe(0);
    await expect(producer.append({ topic: 't', partition: 0, value: bytes('late') })).rejects.toMatchObject({
      code: 'KYBERN_LOG_UNAVAILABLE',
    });
  });
});

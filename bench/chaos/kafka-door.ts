import type { createKafkaClient } from '../../ingest/kafka/index.ts';
import { checksum } from './checksum.ts';
import type { Door } from './doors.ts';

type Producer = ReturnType<ReturnType<typeof createKafkaClient>['producer']>;

const headers = { origin: 'chaos' };

/** A topic that Kybern reads: each sample a record of its own, acknowledged by the broker. */
export function kafkaDoor(options: {
  readonly producer: Producer;
  readonly topic: string;
  readonly metric: string;
  readonly series: number;
  /** Puts poison beside the samples of a tick: so many records that nobody can read. */
  readonly poisonOf?: (tick: number) => number;
  /** Told when a tick is about to be sent. */
  readonly sending?: (tick: number) => void;
}): Door {
  const { producer, topic, metric, series, poisonOf = () => 0, sending = () => {} } = options;
  const seed = 3;
  return {
    name: `Kafka ${topic}`,
    metric,
    series,
    valueOf: (row, tick) => checksum(seed, row, tick),
    body(tick, timeMs) {
      sending(tick);
      const samples = Array.from({ length: series }, (_, row) => ({
        name: metric,
        value: checksum(seed, row, tick),
        timestamp: timeMs,
        labels: { row: String(row) },
      }));
      const poison = Array.from({ length: poisonOf(tick) }, (_, index) => `poison ${tick} ${index}`);
      return Buffer.from(JSON.stringify([...samples.map((sample) => JSON.stringify(sample)), ...poison]));
    },
    async send(_url, body) {
      const values = JSON.parse(Buffer.from(body).toString()) as string[];
      try {
        await producer.send({ topic, acks: -1, messages: values.map((value) => ({ value, headers })) });
        return { kind: 'acknowledged' };
      } catch {
        return { kind: 'broken' };
      }
    },
  };
}

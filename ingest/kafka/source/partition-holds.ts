import type { Clock, Metrics } from '../../../model/index.ts';
import type { KafkaLog } from '../client/kafka-log.ts';
import type { Hold } from './record-intake.ts';

const backoff = { firstMs: 500, mostMs: 30_000 } as const;

/** The partitions that are paused, why, and for how long. */
export interface PartitionHolds {
  /** Pauses go on, twice as long with each in a row; `resume` is called when this one is over. */
  hold(topic: string, partition: number, hold: Hold, resume: () => void): void;
  /** Its records were finished. */
  release(topic: string, partition: number): void;
  isHeld(topic: string, partition: number): boolean;
  /** A new member of the group starts without pauses. */
  clear(): void;
  /** `orders/3: dead-letter`, for those that are paused for the second time in a row or more. */
  lasting(): string[];
}

export function createPartitionHolds(deps: {
  readonly source: string;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: KafkaLog;
}): PartitionHolds {
  const { source, clock, log } = deps;
  const gauge = deps.metrics.gauge('kybern_kafka_paused_partitions', 'Partitions that wait, by what they wait for.', [
    'source',
    'reason',
  ]);
  const held = new Map<string, { reason: Hold['reason']; times: number; timer: AbortController }>();

  function count(): void {
    for (const reason of ['log', 'dead-letter', 'retry'] as const) {
      gauge.set([...held.values()].filter((one) => one.reason === reason).length, { source, reason });
    }
  }

  function tell(key: string, hold: Hold, forMs: number): void {
    const fields = { source, partition: key, error: String(hold.error), forMs };
    if (hold.reason === 'dead-letter') log.error(fields, 'the dead letters cannot be written: a partition is paused');
    else
      log.warn(
        fields,
        `Kafka partition paused: ${hold.reason === 'log' ? 'the log takes nothing' : 'a record failed'}`,
      );
  }

  return {
    hold(topic, partition, hold, resume) {
      const key = `${topic}/${partition}`;
      const times = (held.get(key)?.times ?? 0) + 1;
      held.get(key)?.timer.abort();
      const timer = new AbortController();
      const forMs = Math.min(backoff.mostMs, backoff.firstMs * 2 ** (times - 1));
      held.set(key, { reason: hold.reason, times, timer });
      count();
      if (times === 1) tell(key, hold, forMs);
      clock.sleep(forMs, timer.signal).then((isOver) => isOver && resume());
    },
    release(topic, partition) {
      if (!held.delete(`${topic}/${partition}`)) return;
      count();
      log.info({ source, partition: `${topic}/${partition}` }, 'Kafka partition goes on');
    },
    isHeld: (topic, partition) => held.has(`${topic}/${partition}`),
    clear() {
      for (const { timer } of held.values()) timer.abort();
      held.clear();
      count();
    },
    lasting: () => [...held].filter(([, { times }]) => times > 1).map(([key, { reason }]) => `${key}: ${reason}`),
  };
}

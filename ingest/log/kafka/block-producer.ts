import type { CompressionTypes, Producer } from 'kafkajs';
import { type Clock, KybernError } from '../../../model/index.ts';
import type { LogMetrics } from '../log-metrics.ts';
import type { PartitionRef } from './partition-reader.ts';

export interface BlockProducer {
  /**
   * Resolves with the record's offset once it is on all replicas in sync. Rejects with KYBERN_OVERLOADED where too many
   * bytes wait already, with KYBERN_LOG_UNAVAILABLE where the brokers don't take it in time: it may be there all the
   * same, and a sender that repeats it doubles nothing, since a sample is known by its series and time.
   */
  append(to: PartitionRef & { readonly key?: Uint8Array; readonly value: Uint8Array | null }): Promise<number>;
  close(): Promise<void>;
}

export interface BlockProducerDeps {
  /** A new idempotent producer that asks for the acknowledgement of all replicas, with few retries. */
  readonly createProducer: () => Producer;
  readonly compression: CompressionTypes;
  readonly clock: Clock;
  readonly metrics: LogMetrics;
}

interface Pending {
  readonly ref: PartitionRef;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly bytes: number;
  readonly sinceMs: number;
  readonly resolve: (offset: number) => void;
  readonly reject: (error: KybernError) => void;
}

const pendingBytesLimit = 64 * 1024 * 1024;
const groupBytes = 4 * 1024 * 1024;
/** A sender gives up on an answer after ten seconds (OTLP) or more: before that it is told. */
const waitMs = 6_000;
const sweepEveryMs = 500;
const retryMs = 250;
/** Until a leader gives up on followers that do not answer; a dead broker is known as such after nine seconds. */
const replicasMs = 15_000;

/**
 * Group commit to Kafka: records that come while a request is under way wait and share the next one, one request at a
 * time, so that order and the producer's sequence numbers are never in doubt.
 *
 * What fails is sent again for some seconds, so that few notice that a leader changed. After a failed request nobody knows
 * what the broker has, and kafkajs would go on with the sequence numbers of what failed: the broker would take the next
 * records for repetitions and drop them, acknowledged. So a producer that failed is left behind, with its id. And kafkajs leaves out, silently, what a leader should take over that answered for other
 * partitions already: only what an answer names counts.
 */
export function createBlockProducer({ createProducer, compression, clock, metrics }: BlockProducerDeps): BlockProducer {
  let producer: Promise<Producer> | undefined;
  let pending: Pending[] = [];
  let pendingBytes = 0;
  let flushing: Promise<void> | undefined;
  let isSweeping = false;
  let lastFailure: unknown;
  let closed = false;

  function connected(): Promise<Producer> {
    producer ??= connect();
    return producer;
  }

  async function connect(): Promise<Producer> {
    const made = createProducer();
    try {
      await made.connect();
      return made;
    } catch (error) {
      void made.disconnect().catch(() => {});
      throw error;
    }
  }

  function abandon(): void {
    void producer?.then((made) => made.disconnect()).catch(() => {});
    producer = undefined;
  }

  async function flush(): Promise<void> {
    // Let the appends of this turn of the event loop join the first group.
    await Promise.resolve();
    while (pending.length > 0) await commit(takeGroup());
    flushing = undefined;
  }

  function takeGroup(): Pending[] {
    let count = 0;
    let bytes = 0;
    while (count < pending.length && (count === 0 || bytes < groupBytes)) bytes += pending[count++].bytes;
    const group = pending.slice(0, count);
    pending = pending.slice(count);
    return group;
  }

  async function commit(group: readonly Pending[]): Promise<void> {
    try {
      const offsets = await send(await connected(), group, compression);
      for (const [item, offset] of offsets) settle(item, offset);
      const missing = group.filter((item) => !offsets.has(item));
      if (missing.length > 0) await again(missing, new Error('a partition changed leaders'));
    } catch (error) {
      await again(group, error);
    }
  }

  /** Puts back, in front, what was not taken. */
  async function again(items: readonly Pending[], cause: unknown): Promise<void> {
    abandon();
    lastFailure = cause;
    pending = [...items, ...pending];
    refuseLate(closed);
    if (pending.length > 0) await clock.sleep(retryMs);
  }

  async function sweep(): Promise<void> {
    if (isSweeping) return;
    isSweeping = true;
    while (pending.length > 0) {
      await clock.sleep(sweepEveryMs);
      refuseLate();
    }
    isSweeping = false;
  }

  function refuseLate(all = false): void {
    const nowMs = clock.now();
    const isLate = ({ sinceMs }: Pending) => all || nowMs - sinceMs > waitMs;
    const late = pending.filter(isLate);
    if (late.length === 0) return;
    pending = pending.filter((item) => !late.includes(item));
    const reason = lastFailure === undefined ? 'the brokers did not take it in time' : messageOf(lastFailure);
    for (const { ref, bytes, reject } of late) {
      pendingBytes -= bytes;
      metrics.failures.add(1, { topic: ref.topic });
      reject(new KybernError('KYBERN_LOG_UNAVAILABLE', `${ref.topic}: ${reason}`, { cause: lastFailure }));
    }
  }

  function settle({ ref, bytes, resolve }: Pending, offset: number): void {
    lastFailure = undefined;
    pendingBytes -= bytes;
    metrics.records.add(1, { topic: ref.topic });
    metrics.bytes.add(bytes, { topic: ref.topic });
    resolve(offset);
  }

  return {
    async append({ topic, partition, key, value }) {
      if (closed) throw new KybernError('KYBERN_LOG_UNAVAILABLE', `Topic ${topic} is closed.`);
      const bytes = (value?.byteLength ?? 0) + (key?.byteLength ?? 0) + 64;
      if (pendingBytes + bytes > pendingBytesLimit)
        throw new KybernError('KYBERN_OVERLOADED', `${pendingBytes} bytes wait for the brokers`);
      pendingBytes += bytes;
      return new Promise((resolve, reject) => {
        pending.push({
          ref: { topic, partition },
          key: key === undefined ? null : Buffer.from(key),
          // A copy: the caller may use its buffer again at once.
          value: value === null ? null : Buffer.from(value),
          bytes,
          sinceMs: clock.now(),
          resolve,
          reject,
        });
        flushing ??= flush();
        void sweep();
      });
    },
    async close() {
      closed = true;
      await flushing;
      await producer?.then((made) => made.disconnect()).catch(() => {});
    },
  };
}

async function send(
  producer: Producer,
  group: readonly Pending[],
  compression: CompressionTypes,
): Promise<Map<Pending, number>> {
  const topicMessages = [...Map.groupBy(group, ({ ref }) => ref.topic)].map(([topic, items]) => ({
    topic,
    messages: items.map(({ ref, key, value }) => ({ partition: ref.partition, key, value })),
  }));
  const answers = await producer.sendBatch({ topicMessages, acks: -1, timeout: replicasMs, compression });
  const bases = new Map(
    answers.map(({ topicName, partition, errorCode, baseOffset }) => [
      `${topicName}-${partition}`,
      errorCode === 0 ? Number(baseOffset) : Number.NaN,
    ]),
  );
  const offsets = new Map<Pending, number>();
  for (const item of group) {
    const place = `${item.ref.topic}-${item.ref.partition}`;
    const offset = bases.get(place);
    if (offset === undefined || Number.isNaN(offset)) continue;
    offsets.set(item, offset);
    bases.set(place, offset + 1);
  }
  return offsets;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

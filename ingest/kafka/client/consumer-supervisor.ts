import type { Admin, Consumer } from 'kafkajs';
import type { Clock, Metrics } from '../../../model/index.ts';
import { readGroupLag } from './group-lag.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { KafkaLog } from './kafka-log.ts';
import { createStallWatch } from './stall-watch.ts';

export interface SupervisorDeps {
  /** Names the consumer in metrics and in the log. */
  readonly name: string;
  readonly groupId: string;
  readonly client: Pick<KafkaClient, 'admin'>;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly log: KafkaLog;
  /** A new consumer, unconnected. */
  readonly create: () => Consumer;
  /** What it reads. A topic that is not there yet is waited for, while the others are read. */
  readonly topics: readonly string[];
  /** Subscribes to these topics and runs it; resolves once it runs. Called with a connected consumer, anew after each end. */
  readonly start: (consumer: Consumer, topics: readonly string[]) => Promise<void>;
  /** Whether it holds this partition back on purpose, so that standing still there is no stall. */
  readonly isHeldBack: (topic: string, partition: number) => boolean;
  /** Lag without a commit for so long means that it stopped in silence. */
  readonly stallSeconds: number;
}

export interface ConsumerSupervisor {
  /** Runs until the signal aborts; never rejects for what Kafka does. */
  run(signal: AbortSignal): Promise<void>;
  standing(): { readonly ready: boolean; readonly detail: string };
  /** Partitions it has now. */
  assigned(): Assignment;
}

export type Assignment = Readonly<Record<string, readonly number[]>>;

const backoff = { firstMs: 500, mostMs: 5000 } as const;
const lookEveryMs = 5000;
const steadyMs = 60_000;
const closeWithinMs = 10_000;
const crashAfterStopMs = 1000;

/**
 * Keeps one member of a consumer group alive. kafkajs ends a consumer for good on an error that it holds for lasting
 * (CRASH with restart=false), may stop without a word, and may stand still while the topic grows: each of these ends the
 * consumer here, and after a pause (half a second, doubling to five) a new one takes its place.
 */
export function createConsumerSupervisor(deps: SupervisorDeps): ConsumerSupervisor {
  const { name, clock, log } = deps;
  const restarts = deps.metrics.counter(
    'kybern_kafka_consumer_restarts_total',
    'Consumers that ended and were made anew, by why.',
    ['source', 'reason'],
  );
  const lagGauge = deps.metrics.gauge('kybern_kafka_lag_records', 'Records not yet committed, of our partitions.', [
    'source',
    'topic',
  ]);
  let assignment: Assignment = {};
  let standing = { ready: false, detail: 'not connected yet' };

  async function run(signal: AbortSignal): Promise<void> {
    let pauseMs: number = backoff.firstMs;
    while (!signal.aborted) {
      const startedMs = clock.now();
      const ended = await session(signal);
      assignment = {};
      if (signal.aborted) break;
      if (ended.reason === 'topics') continue;
      restarts.add(1, { source: name, reason: ended.reason });
      standing = { ready: false, detail: `${ended.reason}: ${ended.detail}` };
      if (clock.now() - startedMs > steadyMs) pauseMs = backoff.firstMs;
      log.warn({ source: name, reason: ended.reason, inMs: pauseMs }, `Kafka consumer ended: ${ended.detail}`);
      if (!(await clock.sleep(pauseMs, signal))) break;
      pauseMs = Math.min(backoff.mostMs, pauseMs * 2);
    }
  }

  /** One consumer's life. */
  async function session(signal: AbortSignal): Promise<Ended> {
    const over = Promise.withResolvers<Ended>();
    const closing = new AbortController();
    const end: End = (reason, detail) => over.resolve({ reason, detail });
    signal.addEventListener('abort', () => end('closed', 'Kybern ends'), { once: true, signal: closing.signal });
    let consumer: Consumer | undefined;
    let admin: Admin | undefined;
    try {
      consumer = deps.create();
      admin = deps.client.admin();
      consumer.on(consumer.events.CRASH, ({ payload }) => end('crash', describe(payload.error)));
      // A crash stops it too, and says so a moment later.
      consumer.on(consumer.events.STOP, async () => {
        if (await clock.sleep(crashAfterStopMs, closing.signal)) end('stop', 'it stopped by itself');
      });
      consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
        assignment = payload.memberAssignment;
        standing = { ready: true, detail: `${countOf(assignment)} partitions` };
      });
      begin(consumer, admin, closing.signal)
        .then((present) => watch(admin as Admin, present, closing.signal, end))
        .catch((error: unknown) => end('connect', describe(error)));
      return await over.promise;
    } catch (error) {
      return { reason: 'connect', detail: describe(error) };
    } finally {
      closing.abort();
      await within(closeWithinMs, Promise.allSettled([consumer?.disconnect(), admin?.disconnect()]));
    }
  }

  /** Starts with the topics that are there, and gives them. */
  async function begin(consumer: Consumer, admin: Admin, signal: AbortSignal): Promise<readonly string[]> {
    await admin.connect();
    const present = await presentTopics(admin);
    signal.throwIfAborted();
    if (present.length === 0) {
      standing = { ready: true, detail: `none of its topics is there yet: ${deps.topics.join(', ')}` };
      return present;
    }
    await consumer.connect();
    signal.throwIfAborted();
    await deps.start(consumer, present);
    // Whoever was closed while starting would go on reading, unseen.
    if (signal.aborted) await consumer.disconnect();
    return present;
  }

  async function presentTopics(admin: Admin): Promise<string[]> {
    const there = new Set(await admin.listTopics());
    return deps.topics.filter((topic) => there.has(topic));
  }

  async function watch(admin: Admin, topics: readonly string[], signal: AbortSignal, end: End): Promise<void> {
    const stall = createStallWatch(deps.stallSeconds * 1000);
    while (await clock.sleep(lookEveryMs, signal)) {
      if (topics.length < deps.topics.length) {
        const present = await presentTopics(admin).catch(() => topics);
        if (present.length > topics.length) end('topics', 'a topic that was waited for is there');
      }
      const lags = await readGroupLag(admin, deps.groupId, assignment).catch((error: unknown) => {
        log.debug({ source: name }, `Kafka lag cannot be read: ${describe(error)}`);
        return undefined;
      });
      if (lags === undefined || signal.aborted) continue;
      for (const topic of deps.topics) {
        const ofTopic = lags.filter((lag) => lag.topic === topic);
        lagGauge.set(
          ofTopic.reduce((sum, lag) => sum + lag.records, 0),
          { source: name, topic },
        );
      }
      const watched = lags.filter((lag) => !deps.isHeldBack(lag.topic, lag.partition));
      if (stall.isStalled(watched, clock.now()))
        end('stall', `no progress for ${deps.stallSeconds} s with records to read`);
    }
  }

  async function within(milliseconds: number, work: Promise<unknown>): Promise<void> {
    const timer = new AbortController();
    await Promise.race([work, clock.sleep(milliseconds, timer.signal)]);
    timer.abort();
  }

  return { run, standing: () => standing, assigned: () => assignment };
}

type EndReason = 'crash' | 'stop' | 'stall' | 'connect' | 'topics' | 'closed';
type End = (reason: EndReason, detail: string) => void;

interface Ended {
  readonly reason: EndReason;
  readonly detail: string;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function countOf(assignment: Assignment): number {
  return Object.values(assignment).reduce((sum, partitions) => sum + partitions.length, 0);
}

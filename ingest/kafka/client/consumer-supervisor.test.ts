import { EventEmitter } from 'node:events';
import type { Admin, Consumer } from 'kafkajs';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createCountedMetrics } from '../../testing/counted-metrics.ts';
import { createConsumerSupervisor } from './consumer-supervisor.ts';

const events = { CRASH: 'crash', STOP: 'stop', GROUP_JOIN: 'join' };

/** A cluster with one topic of one partition, and consumers that do what the test says. */
function open(topics = ['orders'], present = ['orders']) {
  const consumers: EventEmitter[] = [];
  const cluster = { present, committed: 0, high: 0, connect: async () => {} };
  const metrics = createCountedMetrics();
  const create = () => {
    const emitter = new EventEmitter();
    consumers.push(emitter);
    return {
      events,
      on: (name: string, listener: (event: unknown) => void) => emitter.on(name, listener),
      connect: () => cluster.connect(),
      disconnect: async () => {},
    } as unknown as Consumer;
  };
  const admin = {
    connect: async () => {},
    disconnect: async () => {},
    listTopics: async () => cluster.present,
    fetchTopicOffsets: async () => [{ partition: 0, low: '0', high: String(cluster.high) }],
    fetchOffsets: async () => [{ topic: 'orders', partitions: [{ partition: 0, offset: String(cluster.committed) }] }],
  } as unknown as Admin;
  const clock = {
    now: () => Date.now(),
    sleep: (milliseconds: number, signal?: AbortSignal) =>
      new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), milliseconds);
        const stop = () => {
          clearTimeout(timer);
          resolve(false);
        };
        if (signal?.aborted) stop();
        signal?.addEventListener('abort', stop);
      }),
  };
  const heldBack = { value: false };
  const started: (readonly string[])[] = [];
  const supervisor = createConsumerSupervisor({
    name: 'test',
    groupId: 'group',
    client: { admin: () => admin },
    clock,
    metrics,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    create,
    topics,
    start: async (_consumer, which) => {
      started.push(which);
      consumers.at(-1)?.emit('join', { payload: { memberAssignment: { orders: [0] } } });
    },
    isHeldBack: () => heldBack.value,
    stallSeconds: 20,
  });
  const stop = new AbortController();
  const ended = supervisor.run(stop.signal);
  const restarts = (reason: string) => metrics.total('kybern_kafka_consumer_restarts_total', { reason });
  return { cluster, consumers, supervisor, restarts, heldBack, started, ended, stop: () => stop.abort() };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());
const pass = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

test('a consumer that crashed for good is made anew', async () => {
  const { supervisor, consumers, restarts, stop, ended } = open();
  await pass(10);
  expect(supervisor.standing()).toEqual({ ready: true, detail: '1 partitions' });
  // As kafkajs does it: it stops first, and says why after that.
  consumers[0].emit('stop', {});
  consumers[0].emit('crash', { payload: { error: new Error('codec missing'), restart: false } });
  await pass(10);
  expect(supervisor.standing()).toEqual({ ready: false, detail: 'crash: Error: codec missing' });
  await pass(600);
  expect(supervisor.standing().ready).toBe(true);
  expect([consumers.length, restarts('crash')]).toEqual([2, 1]);
  stop();
  await ended;
});

test('a consumer that stopped without a word is made anew', async () => {
  const { supervisor, consumers, restarts, stop, ended } = open();
  await pass(10);
  consumers[0].emit('stop', {});
  await pass(1600);
  expect([supervisor.standing().ready, restarts('stop')]).toEqual([true, 1]);
  stop();
  await ended;
});

test('a consumer that stands still with records to read is made anew, but not one that is held back', async () => {
  const { cluster, heldBack, restarts, stop, ended } = open();
  heldBack.value = true;
  cluster.high = 10;
  await pass(60_000);
  expect(restarts('stall')).toBe(0);
  heldBack.value = false;
  await pass(31_000);
  expect(restarts('stall')).toBe(1);
  stop();
  await ended;
});

test('brokers that are away are asked again, at most five seconds after the last time', async () => {
  const { cluster, supervisor, restarts, stop, ended } = open();
  cluster.connect = async () => {
    throw new Error('ECONNREFUSED');
  };
  await pass(60_000);
  expect(restarts('connect')).toBeGreaterThan(10);
  expect(supervisor.standing()).toEqual({ ready: false, detail: 'connect: Error: ECONNREFUSED' });
  cluster.connect = async () => {};
  await pass(5500);
  expect(supervisor.standing().ready).toBe(true);
  stop();
  await ended;
});

test('a topic that is not there yet is waited for while the others are read', async () => {
  const { cluster, started, supervisor, restarts, stop, ended } = open(['orders', 'later'], ['orders']);
  await pass(10);
  cluster.present = ['orders', 'later'];
  await pass(6000);
  expect(started).toEqual([['orders'], ['orders', 'later']]);
  expect(restarts('topics')).toBe(0);
  expect(supervisor.standing().ready).toBe(true);
  stop();
  await ended;
});

import { expect, test } from 'vitest';
import { type LogRecord, type LogTopic, noMetrics } from '../../model/index.ts';
import { createLogConsumer } from './log-consumer.ts';

const records = Array.from({ length: 10 }, (_, offset): LogRecord => ({ offset, bytes: new Uint8Array(1) }));

function topicOf(all: readonly LogRecord[]): LogTopic {
  return {
    name: 'signals',
    firstOffset: 0,
    nextOffset: all.length,
    append: async () => 0,
    read: async (from) => all.slice(from),
    waitFor: async () => false,
  };
}

test('an analysis that was behind after a start kept the senders waiting: others have their turn between records', async () => {
  let analysed = 0;
  const turnsAt: number[] = [];
  const consumer = createLogConsumer({
    topic: topicOf(records),
    from: 0,
    async take() {
      const until = performance.now() + 15;
      while (performance.now() < until);
      analysed += 1;
    },
    save: async () => async () => {},
    clock: { now: () => 0, sleep: async () => true },
    checkpointSeconds: 15,
    metrics: noMetrics,
  });
  let over = false;
  const turn = () => {
    turnsAt.push(analysed);
    if (!over) setImmediate(turn);
  };
  setImmediate(turn);
  await consumer.step();
  over = true;
  expect(analysed).toBe(10);
  const waits = turnsAt.slice(1).map((at, index) => at - turnsAt[index]);
  expect(Math.max(turnsAt[0], ...waits)).toBeLessThanOrEqual(2);
});

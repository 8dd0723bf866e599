import { expect, test } from 'vitest';
import { noMetrics } from '../../model/index.ts';
import { openDoors, protobufType } from '../testing/door.ts';
import { createMemoryGuard, memoryLimitsOf } from './memory-guard.ts';
import { createRetryAdvice } from './retry-advice.ts';

function open(limits = { softBytes: 1000, hardBytes: 2000 }, unusedBytes = 0) {
  const state = { nowMs: 0, bytes: 0, collected: 0 };
  const guard = createMemoryGuard({
    limits,
    residentBytes: () => state.bytes,
    collect: () => {
      state.collected++;
      state.bytes -= unusedBytes;
    },
    clock: { now: () => state.nowMs, sleep: () => Promise.resolve(true) },
    metrics: noMetrics,
  });
  const at = (bytes: number) => {
    state.nowMs += 1000;
    state.bytes = bytes;
    return guard.isShort();
  };
  return { state, at };
}

test('memory is short above the soft limit, and again plenty only well below it', () => {
  const { at } = open();
  expect([900, 1001, 990, 951, 949, 990].map(at)).toEqual([false, true, true, true, false, false]);
});

test('above the hard limit unused memory is collected, now and then', () => {
  const { at, state } = open();
  for (let n = 0; n < 10; n++) at(2001);
  expect(state.collected).toBe(2);
});

test('above the soft limit it is collected too, more seldom; what that gives back counts at once', () => {
  const { at, state } = open();
  for (let n = 0; n < 12; n++) at(1001);
  expect(state.collected).toBe(2);
  expect(open({ softBytes: 1000, hardBytes: 0 }, 500).at(1100)).toBe(false);
});

test('below the limits nothing is collected', () => {
  const { at, state } = open();
  for (let n = 0; n < 12; n++) at(999);
  expect(state.collected).toBe(0);
});

test('a limit of 0 is none', () => {
  expect(open({ softBytes: 0, hardBytes: 0 }).at(1e12)).toBe(false);
});

test('limits follow from what a container may have, unless given', () => {
  expect(memoryLimitsOf({ softBytes: 0, hardBytes: 5 }, 1000)).toEqual({ softBytes: 750, hardBytes: 5 });
  expect(memoryLimitsOf({ softBytes: 0, hardBytes: 0 }, 0)).toEqual({ softBytes: 0, hardBytes: 0 });
});

test('the doors answer 503 with Retry-After before they read a body, while memory is short', async () => {
  const doors = await openDoors({}, { memory: { softBytes: 1000, hardBytes: 0 } });
  doors.resident.bytes = 1001;
  const answer = await doors.post('/v1/metrics', new Uint8Array(0), protobufType);
  expect(answer.statusCode).toBe(503);
  expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1);
  await doors.app.close();
});

test('senders are asked to wait longer the longer it lasts, up to half a minute, and not all the same time', () => {
  const middle = createRetryAdvice(() => 0.5);
  const waits = Array.from({ length: 20 }, (_, n) => middle.seconds(n * 5000));
  expect(waits[0]).toBe(2);
  expect(waits.at(-1)).toBe(30);
  expect([...waits].sort((left, right) => left - right)).toEqual(waits);
  expect(middle.seconds(1_000_000)).toBe(2);
  const [short, long] = [0, 1].map((value) => createRetryAdvice(() => value));
  expect(short!.seconds(0)).toBeLessThan(long!.seconds(0));
});

import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('who comes together shares the time, one after the other, and nobody gets less than was promised', async () => {
  let nowMs = 0;
  const turns = createTurns({ now: () => nowMs }, { togetherMs: 300, leastMs: 25 });
  const { signal } = new AbortController();
  const given: number[] = [];
  let working = 0;
  const work = (tookMs: number) => async (mostMs: number) => {
    expect(++working).toBe(1);
    await new Promise((turn) => setImmediate(turn));
    given.push(mostMs);
    nowMs += tookMs;
    working -= 1;
    return tookMs;
  };
  await Promise.all([turns.take(signal, work(60)), turns.take(signal, work(230)), turns.take(signal, work(10))]);
  // A third of all; half of what is left; what was promised, of the ten that are left.
  expect(given).toEqual([100, 120, 25]);
  await turns.take(signal, work(5));
  expect(given.at(-1)).toBe(300);
});

test('one whose partition went away meanwhile is passed over, and one that failed holds nobody up', async () => {
  const turns = createTurns({ now: () => 0 }, { togetherMs: 100, leastMs: 10 });
  const stop = new AbortController();
  const failed = turns.take(stop.signal, () => Promise.reject(new Error('no')));
  const gone = turns.take(stop.signal, async () => 'worked');
  const last = turns.take(new AbortController().signal, async (mostMs) => mostMs);
  stop.abort();
  await expect(failed).resolves.toBeUndefined();
  expect(await gone).toBeUndefined();
  expect(await last).toBe(100);
  await expect(turns.take(new AbortController().signal, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await turns.take(new AbortController().signal, async () => 'worked')).toBe('worked');
});

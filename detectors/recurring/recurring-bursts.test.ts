import { expect, test } from 'vitest';
import { createRecurringBursts } from './recurring-bursts.ts';

const [minute, hour, day] = [60_000, 3_600_000, 86_400_000];
const startMs = Date.UTC(2026, 0, 5);

/** Whether a burst is due after those that began at these times, each of 10 for two minutes. */
function isDue(before: readonly number[], onsetMs: number, size = 10, lengthMs = 2 * minute): boolean {
  const bursts = createRecurringBursts();
  for (const at of before) bursts.note('cart', { onsetMs: at, size: 10, lengthMs: 2 * minute });
  const loaded = createRecurringBursts();
  loaded.load(JSON.parse(JSON.stringify(bursts.save())));
  return loaded.isDue('cart', { onsetMs, size, lengthMs });
}

const every = (periodMs: number, times: number) => Array.from({ length: times }, (_, at) => startMs + at * periodMs);

test('what came at the same time of three hours, three days or two weeks is due the next time, and no sooner', () => {
  expect(isDue(every(hour, 3), startMs + 3 * hour + 2 * minute)).toBe(true);
  expect(isDue(every(hour, 2), startMs + 2 * hour)).toBe(false);
  expect(isDue(every(hour, 3), startMs + 3.5 * hour)).toBe(false);
  expect(isDue(every(day, 3), startMs + 3 * day + 4 * minute)).toBe(true);
  expect(isDue(every(day, 3), startMs + 6 * day)).toBe(true);
  expect(isDue(every(day, 3), startMs + 3 * day + 3 * hour)).toBe(false);
  expect(isDue(every(7 * day, 2), startMs + 14 * day)).toBe(true);
  expect(isDue(every(7 * day, 1), startMs + 7 * day)).toBe(false);
});

test('what comes each hour, or each second one, says nothing of other minutes on the next days', () => {
  const now = startMs + 10 * day + 10 * hour;
  for (const minutes of [20, 35, 50]) {
    expect(isDue(every(hour, 240), now + minutes * minute)).toBe(false);
    expect(isDue(every(2 * hour, 125), now + minutes * minute)).toBe(false);
  }
  expect(isDue(every(hour, 250), now)).toBe(true);
});

test('what drifts by half an hour from night to night is due within as much again, what is punctual within minutes', () => {
  const drifting = [0, 25, -5, 30].map((drift, at) => startMs + at * day + drift * minute);
  expect(isDue(drifting, startMs + 4 * day + 40 * minute)).toBe(true);
  expect(isDue(every(day, 4), startMs + 4 * day + 40 * minute)).toBe(false);
});

test('a burst that is far larger than those before it, or does not end, is not the one that is due', () => {
  expect(isDue(every(day, 5), startMs + 5 * day, 19)).toBe(true);
  expect(isDue(every(day, 5), startMs + 5 * day, 21)).toBe(false);
  expect(isDue(every(day, 5), startMs + 5 * day, 10, 5 * minute)).toBe(true);
  expect(isDue(every(day, 5), startMs + 5 * day, 10, 6 * minute)).toBe(false);
});

test('what once lasted longer may last as long again', () => {
  const bursts = createRecurringBursts();
  const lengths = [2, 20, 2].map((minutes) => minutes * minute);
  lengths.forEach((lengthMs, at) => {
    bursts.note('cart', { onsetMs: startMs + at * day, size: 10, lengthMs });
  });
  const isDueFor = (minutes: number) =>
    bursts.isDue('cart', { onsetMs: startMs + 3 * day, size: 10, lengthMs: minutes * minute });
  expect([20, 41, 42].map(isDueFor)).toEqual([true, true, false]);
});

test('bursts remembered are bounded, and the latest are', () => {
  const bursts = createRecurringBursts();
  for (let at = 0; at < 1000; at += 1) bursts.note('cart', { onsetMs: startMs + at * hour, size: 1, lengthMs: 0 });
  for (let at = 0; at < 5000; at += 1) bursts.note(`other ${at}`, { onsetMs: startMs, size: 1, lengthMs: 0 });
  bursts.note('web', { onsetMs: startMs, size: 1, lengthMs: 0 });
  expect(JSON.stringify(bursts.save()).length).toBeLessThan(100_000);
  for (let at = 0; at < 1000; at += 1) bursts.note('cart', { onsetMs: startMs + at * hour, size: 1, lengthMs: 0 });
  expect(bursts.isDue('cart', { onsetMs: startMs + 1000 * hour, size: 1, lengthMs: 0 })).toBe(true);
  expect(JSON.stringify(bursts.save()).length).toBeLessThan(150_000);
});

import { expect, test } from 'vitest';
import { appendPoint, createHistory, lastTime, linear } from './series-history.ts';

const day = 86_400_000;

test('the newest points are kept, as many as there is room for, what comes too soon in place of the one before', () => {
  const history = createHistory();
  for (let at = 0; at < 100; at += 1) appendPoint(history, 5000 + at * 1000, at * 1.5, 40, 1000);
  appendPoint(history, 5000 + 99_500, 7.25, 40, 1000);
  const { times, values } = linear(history);
  expect([...times]).toEqual(Array.from({ length: 40 }, (_, at) => 5000 + (60 + at) * 1000));
  expect([...values]).toEqual([...Array.from({ length: 39 }, (_, at) => (60 + at) * 1.5), 7.25]);
  expect(lastTime(history)).toBe(104_000);
});

test('points weeks apart keep their times; those older than seven weeks are given up', () => {
  const history = createHistory();
  const startMs = Date.UTC(2026, 0, 5);
  for (let at = 0; at < 70; at += 1) appendPoint(history, startMs + at * day, at, 360, 1000);
  const { times, values } = linear(history);
  expect([...values]).toEqual([...values].map((_, at) => 70 - values.length + at));
  expect(values.length).toBe(50);
  expect([...times]).toEqual([...values].map((at) => startMs + at * day));
  appendPoint(history, startMs + 1000 * day, 1e300, 360, 1000);
  expect(linear(history).times).toEqual(Float64Array.of(startMs + 1000 * day));
  expect(Number.isFinite(linear(history).values[0]!)).toBe(true);
});

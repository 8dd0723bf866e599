import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createHistories } from './histories.ts';
import {
  appendPoint,
  createHistory,
  lastTime,
  linear,
  loadHistory,
  pointTime,
  pointValue,
  type SeriesHistory,
  saveHistory,
} from './series-history.ts';

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

test('series side by side keep what lists of their own would, as they come, go and are saved', () => {
  const turn = fc.record({ series: fc.nat(4), stepMs: fc.integer({ min: 1, max: 5000 }), what: fc.nat(30) });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 400 }), fc.integer({ min: 1, max: 60 }), (turns, capacity) => {
      const histories = createHistories();
      const kept = new Map<number, { history: SeriesHistory; points: [number, number][] }>();
      let nowMs = 1e12;
      for (const [at, { series, stepMs, what }] of turns.entries()) {
        nowMs += stepMs;
        const one = kept.get(series) ?? { history: createHistory(histories), points: [] };
        kept.set(series, one);
        if (what === 0) {
          histories.give(one.history.row);
          kept.delete(series);
        } else if (what === 1) {
          const saved = saveHistory(one.history);
          histories.give(one.history.row);
          one.history = loadHistory(saved, histories);
        } else {
          appendPoint(one.history, nowMs, at, capacity, 1);
          one.points = [...one.points, [nowMs, at] satisfies [number, number]].slice(-capacity);
        }
      }
      for (const { history, points } of kept.values()) {
        const { times, values } = linear(history);
        expect([...times].map((timeMs, at) => [timeMs, values[at]])).toEqual(points);
        expect(points.map((_, at) => [pointTime(history, at), pointValue(history, at)])).toEqual(points);
      }
    }),
    { numRuns: 50 },
  );
});

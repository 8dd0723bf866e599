import { expect, test } from 'vitest';
import { createPoint, kindCounter, kindDelta, noteTime, readValue } from './sample-value.ts';
import { createSeriesColumns } from './series-columns.ts';

function read(kind: number, points: readonly (readonly [timeMs: number, raw: number])[]): number[] {
  const columns = createSeriesColumns();
  columns.kind[0] = kind;
  columns.lastMs[0] = Number.NaN;
  return points.map(([timeMs, raw]) => {
    const point = { ...createPoint(), timeMs, raw };
    readValue(columns, 0, point);
    noteTime(columns, 0, point);
    return point.reading;
  });
}

test('a counter is its growth per second, nothing after a reset, over the whole of a gap', () => {
  const values = read(kindCounter, [
    [0, 100],
    [10_000, 150],
    [20_000, 30],
    [60_000, 70],
  ]);
  expect(values).toEqual([Number.NaN, 5, Number.NaN, 1]);
});

test('a delta is its increment per second of the usual interval, also after a gap', () => {
  const values = read(kindDelta, [
    [0, 50],
    [10_000, 50],
    [20_000, 80],
    [90_000, 50],
  ]);
  expect(values).toEqual([Number.NaN, 5, 8, 5]);
});

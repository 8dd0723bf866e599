import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEntityRows } from './entity-rows.ts';

const minute = 60_000;

function createSheet(width: number) {
  const rows = createEntityRows(width);
  rows.intervalMs = minute;
  const closed: { timeMs: number; values: number[]; apart: number }[] = [];
  const close = (timeMs: number, values: Float64Array, _: number, apart: number) => {
    closed.push({ timeMs, values: [...values], apart });
  };
  return {
    rows,
    closed,
    close,
    put: (metric: number, at: number, value: number) => rows.put(metric, at, value, close),
  };
}

describe('rows of an entity', () => {
  it('puts side by side what comes within half an interval, and closes a row once it is as full as the last', () => {
    const { put, rows, close, closed } = createSheet(2);
    put(0, 0, 1);
    put(1, 5000, 2);
    rows.flush(minute, close);
    put(0, minute, 3);
    expect(closed).toHaveLength(1);
    put(1, minute + 9000, 4);
    expect(closed.map(({ values }) => values)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('waits for a metric as long as an interval, and then leaves it out', () => {
    const { put, rows, close, closed } = createSheet(2);
    for (const metric of [0, 1]) put(metric, 0, 1);
    rows.flush(minute, close);
    put(0, minute, 3);
    rows.flush(2 * minute - 1, close);
    expect(closed).toHaveLength(1);
    rows.flush(2 * minute, close);
    expect(closed[1]).toEqual({ timeMs: minute, values: [3, Number.NaN], apart: 1 });
    expect(put(1, minute, 4)).toBe(false);
  });

  it('tells how far apart rows are', () => {
    const { put, rows, close, closed } = createSheet(1);
    put(0, 0, 1);
    put(0, 30 * minute, 2);
    rows.flush(40 * minute, close);
    expect(closed.map(({ apart }) => apart)).toEqual([1, 30]);
  });

  it('takes series one after the other, as a sender batches them', () => {
    const { put, rows, close, closed } = createSheet(2);
    for (const metric of [0, 1]) for (const at of [0, 1, 2]) put(metric, at * minute, 10 * metric + at);
    rows.flush(9 * minute, close);
    expect(closed.map(({ values }) => values)).toEqual([
      [0, 10],
      [1, 11],
      [2, 12],
    ]);
  });

  it('closes rows in order, each once, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 40 })), { maxLength: 80 }), (samples) => {
        const { put, rows, close, closed } = createSheet(4);
        let taken = 0;
        for (const [metric, half] of samples) if (put(metric, half * (minute / 2), 1)) taken += 1;
        rows.flush(Number.POSITIVE_INFINITY, close);
        expect(closed.every(({ apart }) => apart >= 1)).toBe(true);
        const told = closed.reduce((sum, { values }) => sum + values.filter((value) => value === 1).length, 0);
        expect(told).toBeLessThanOrEqual(taken);
        expect(told > 0).toBe(taken > 0);
      }),
    );
  });
});

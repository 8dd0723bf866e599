import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clearRows, createEntityRows, moveRows } from './entity-rows.ts';
import { keepInterval, type Placed, placeDoubles } from './place-layout.ts';
import { createPlacePool } from './place-pool.ts';

const minute = 60_000;

function createSheet(width: number) {
  const record = { width, place: createPlacePool().take(placeDoubles(width)) };
  clearRows(record);
  keepInterval(record, minute);
  const closed: { timeMs: number; values: number[]; apart: number }[] = [];
  const rows = createEntityRows<Placed>((_, timeMs, values, apart) => {
    closed.push({ timeMs, values: [...values], apart });
  });
  return {
    closed,
    flush: (watermarkMs: number) => rows.flush(record, watermarkMs),
    put: (metric: number, at: number, value: number) => rows.put(record, metric, at, value),
  };
}

describe('rows of an entity', () => {
  it('puts side by side what comes within half an interval, and closes a row once it is as full as the last', () => {
    const { put, flush, closed } = createSheet(2);
    put(0, 0, 1);
    put(1, 5000, 2);
    flush(minute);
    put(0, minute, 3);
    expect(closed).toHaveLength(1);
    put(1, minute + 9000, 4);
    expect(closed.map(({ values }) => values)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('waits for a metric as long as an interval, and then leaves it out', () => {
    const { put, flush, closed } = createSheet(2);
    for (const metric of [0, 1]) put(metric, 0, 1);
    flush(minute);
    put(0, minute, 3);
    flush(2 * minute - 1);
    expect(closed).toHaveLength(1);
    flush(2 * minute);
    expect(closed[1]).toEqual({ timeMs: minute, values: [3, Number.NaN], apart: 1 });
    expect(put(1, minute, 4)).toBe(false);
  });

  it('tells how far apart rows are', () => {
    const { put, flush, closed } = createSheet(1);
    put(0, 0, 1);
    put(0, 30 * minute, 2);
    flush(40 * minute);
    expect(closed.map(({ apart }) => apart)).toEqual([1, 30]);
  });

  it('takes series one after the other, as a sender batches them', () => {
    const { put, flush, closed } = createSheet(2);
    for (const metric of [0, 1]) for (const at of [0, 1, 2]) put(metric, at * minute, 10 * metric + at);
    flush(9 * minute);
    expect(closed.map(({ values }) => values)).toEqual([
      [0, 10],
      [1, 11],
      [2, 12],
    ]);
  });

  it('closes rows in order, each once, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 40 })), { maxLength: 80 }), (samples) => {
        const { put, flush, closed } = createSheet(4);
        let taken = 0;
        for (const [metric, half] of samples) if (put(metric, half * (minute / 2), 1)) taken += 1;
        flush(Number.POSITIVE_INFINITY);
        expect(closed.every(({ apart }) => apart >= 1)).toBe(true);
        const told = closed.reduce((sum, { values }) => sum + values.filter((value) => value === 1).length, 0);
        expect(told).toBeLessThanOrEqual(taken);
        expect(told > 0).toBe(taken > 0);
      }),
    );
  });

  it('goes on in a place with room for more metrics as if it had had it from the start', () => {
    const sample = fc.tuple(fc.nat(3), fc.integer({ min: 0, max: 12 }), fc.double());
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), fc.array(sample, { maxLength: 40 }), (before, after) => {
        const told = [4, 8].map((width) => {
          const places = createPlacePool();
          const record = { width, place: places.take(placeDoubles(width)) };
          clearRows(record);
          keepInterval(record, minute);
          const closed: unknown[] = [];
          const rows = createEntityRows<Placed>((_, timeMs, values, apart) => {
            closed.push([timeMs, [...values.subarray(0, 4)], apart]);
          });
          for (const [metric, half, value] of before) rows.put(record, metric, half * (minute / 2), value);
          if (width === 4) {
            const wider = { width: 8, place: places.take(placeDoubles(8)) };
            moveRows(record, wider);
            places.give(record.place);
            Object.assign(record, wider);
          }
          for (const [metric, half, value] of after) rows.put(record, metric, half * (minute / 2), value);
          rows.flush(record, Number.POSITIVE_INFINITY);
          return closed;
        });
        expect(told[0]).toEqual(told[1]);
      }),
    );
  });
});

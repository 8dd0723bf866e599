import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateReader } from '../checkpoint/state-reader.ts';
import { createStateWriter } from '../checkpoint/state-writer.ts';
import { createSeasonRows } from './season-rows.ts';

const cells = 12;
const writes = fc.array(
  fc.record({ cell: fc.nat(cells - 1), value: fc.double({ min: -1e9, max: 1e9, noNaN: true }) }),
  {
    minLength: 1,
    maxLength: 60,
  },
);

test('a row gives back what was last written, to a part in 4,096 of the range it has seen, and NaN where nothing was', () => {
  fc.assert(
    fc.property(writes, (written) => {
      const rows = createSeasonRows(cells);
      const other = rows.allocate();
      rows.set(other, 3, 1e100);
      const row = rows.allocate();
      const wanted = new Map<number, number>();
      for (const { cell, value } of written) {
        rows.set(row, cell, value);
        wanted.set(cell, value);
      }
      const seen = written.map(({ value }) => value);
      const tolerance = (Math.max(...seen) - Math.min(...seen)) / 4096 + 8 * Number.MIN_VALUE;
      for (let cell = 0; cell < cells; cell += 1) {
        const value = wanted.get(cell);
        if (value === undefined) expect(rows.get(row, cell)).toBeNaN();
        else expect(Math.abs(rows.get(row, cell) - value)).toBeLessThanOrEqual(tolerance);
      }
      expect(rows.get(other, 3)).toBe(1e100);
    }),
  );
});

test('denormals are kept apart: parts of their range would be nothing', () => {
  const rows = createSeasonRows(3);
  const row = rows.allocate();
  for (const [cell, value] of [0, -6e-323, 6e-323].entries()) rows.set(row, cell, value);
  expect([0, 1, 2].map((cell) => rows.get(row, cell))).toEqual([0, -6e-323, 6e-323]);
});

test('an outlier makes its row coarse only while it is there', () => {
  const rows = createSeasonRows(4);
  const row = rows.allocate();
  rows.set(row, 0, 1e9);
  for (const [cell, value] of [1.25, 1.5, 2, 3].entries()) rows.set(row, cell, value);
  rows.fit(row);
  for (const [cell, value] of [1.25, 1.5, 2, 3].entries()) rows.set(row, cell, value);
  expect([0, 1, 2, 3].map((cell) => Math.round(rows.get(row, cell) * 1000) / 1000)).toEqual([1.25, 1.5, 2, 3]);
});

test('rows given back are empty for the next, and survive a checkpoint', () => {
  const rows = createSeasonRows(4);
  const first = rows.allocate();
  rows.set(first, 1, 7);
  const second = rows.allocate();
  rows.set(second, 2, -3);
  rows.free(first);
  const writer = createStateWriter();
  rows.save(writer);
  const loaded = createSeasonRows(4);
  loaded.load(createStateReader(writer.finish()));
  expect(loaded.get(second, 2)).toBe(-3);
  expect(loaded.allocate()).toBe(first);
  expect(loaded.get(first, 1)).toBeNaN();
});

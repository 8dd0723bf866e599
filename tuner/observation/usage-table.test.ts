import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSlot, takeSample, type UsageSlot } from './pod-usage.ts';
import { createUsageTable } from './usage-table.ts';

test('readings side by side are what slots of their own would be, as they come, go and are put back', () => {
  const turn = fc.record({
    series: fc.nat(150),
    stepMs: fc.integer({ min: -10, max: 400_000 }),
    value: fc.oneof(fc.double(), fc.nat(5)),
    what: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 300 }), (turns) => {
      const table = createUsageTable();
      const kept = new Map<number, { row: number; slot: UsageSlot }>();
      let nowMs = 0;
      for (const { series, stepMs, value, what } of turns) {
        nowMs += stepMs;
        const one = kept.get(series);
        if (one === undefined) {
          const slot = createSlot(series, {
            ...{ resource: 'cpu', preference: 1, cumulative: series % 2 === 0, container: `c${series % 3}` },
          });
          kept.set(series, { slot, row: table.add(slot) });
        } else if (what === 0) {
          table.give(one.row);
          kept.delete(series);
        } else if (what === 1) {
          const saved = table.at(one.row);
          table.give(one.row);
          one.row = table.add(saved);
        } else {
          takeSample(one.slot, nowMs, value);
          table.sample(one.row, nowMs, value);
        }
      }
      for (const { row, slot } of kept.values()) {
        expect(table.at(row)).toEqual(slot);
        expect(table.newestMs(row)).toBe(Math.max(slot.atMs, slot.rawAtMs));
      }
    }),
    { numRuns: 50 },
  );
});

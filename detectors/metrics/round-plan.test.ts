import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createRoundPlanner } from './round-plan.ts';

test('every row is planned once, a slot at most once a round, and the rows of a slot keep their order', () => {
  const planner = createRoundPlanner();
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -2, max: 9 }), { maxLength: 60 }), (slots) => {
      const plan = planner.plan(Int32Array.from(slots), slots.length, 10);
      const rowsOf = new Map<number, number[]>();
      let planned = 0;
      for (let round = 0; round < plan.rounds; round += 1) {
        const rows = [...plan.rows.subarray(plan.starts[round], plan.starts[round + 1])];
        expect(rows.length).toBeGreaterThan(0);
        expect(new Set(rows.map((row) => slots[row])).size).toBe(rows.length);
        for (const row of rows) rowsOf.set(slots[row]!, [...(rowsOf.get(slots[row]!) ?? []), row]);
        planned += rows.length;
      }
      expect(planned).toBe(slots.filter((slot) => slot >= 0).length);
      for (const rows of rowsOf.values()) expect(rows).toEqual([...rows].sort((a, b) => a - b));
    }),
  );
});

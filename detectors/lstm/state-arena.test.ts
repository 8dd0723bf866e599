import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStateArena } from './state-arena.ts';

const floats = 6;
const slotCount = 12;

/** Slot s holds s * 100, s * 100 + 1, ... */
function numberedStates(): Float32Array {
  return Float32Array.from({ length: slotCount * floats }, (_, at) => Math.floor(at / floats) * 100 + (at % floats));
}

describe('the state arena', () => {
  test('gathers the rows of any slots and scatters them back to where they belong', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 0, max: slotCount - 1 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (chosen, sorted) => {
          const slots = Uint32Array.from(sorted ? chosen.sort((left, right) => left - right) : chosen);
          const arena = createStateArena(floats, 8);
          arena.load(numberedStates());
          arena.gather(slots, 0, slots.length);
          const rows = arena.before(slots.length);
          for (const [row, slot] of slots.entries()) expect(rows[row * floats + 2]).toBe(slot * 100 + 2);

          arena.after(slots.length).set(rows.map((value) => -value));
          arena.scatter(slots, 0, slots.length, arena.after(slots.length));
          const expected = numberedStates();
          for (const slot of slots) {
            for (let at = slot * floats; at < (slot + 1) * floats; at++) expected[at] = -expected[at]!;
          }
          expect(arena.save(slotCount)).toEqual(expected);
        },
      ),
    );
  });

  test('keeps what it holds when it grows, and gives new slots zeros', () => {
    const arena = createStateArena(floats, 2);
    arena.load(numberedStates());
    arena.ensure(50);
    expect(arena.save(slotCount)).toEqual(numberedStates());
    expect(arena.save(50).subarray(slotCount * floats)).toEqual(new Float32Array((50 - slotCount) * floats));
  });

  test('has room after a load for all the slots it had room for before', () => {
    const arena = createStateArena(floats, 2);
    arena.ensure(50);
    arena.load(numberedStates());
    expect(arena.save(50).length).toBe(50 * floats);
    expect(arena.save(slotCount)).toEqual(numberedStates());
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createStateArena } from './state-arena.ts';

/** Two planes: slots of 4 and of 2 floats. */
const parts = [4, 2].map((units) => ({ units, ofBytes: false }));
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
          const arena = createStateArena(parts, 8);
          arena.load(numberedStates());
          arena.gather(slots, 0, slots.length);
          const [wide, narrow] = arena.before(slots.length);
          for (const [row, slot] of slots.entries()) {
            expect(wide![row * 4 + 2]).toBe(slot * 100 + 2);
            expect(narrow![row * 2 + 1]).toBe(slot * 100 + 5);
          }

          arena.after(slots.length)[0]!.set(wide!.map((value) => -value));
          arena.after(slots.length)[1]!.set(narrow!.map((value) => -value));
          arena.scatter(slots, 0, slots.length, arena.after(slots.length));
          const expected = numberedStates();
          for (const slot of slots) {
            for (let at = slot * floats; at < (slot + 1) * floats; at++) expected[at] = -expected[at]!;
          }
          expect(arena.save(0, slotCount)).toEqual(expected);
        },
      ),
    );
  });

  test('keeps what it holds when it grows, and gives new slots zeros', () => {
    const arena = createStateArena(parts, 2);
    arena.load(numberedStates());
    arena.ensure(50);
    expect(arena.save(0, slotCount)).toEqual(numberedStates());
    expect(arena.save(0, 50).subarray(slotCount * floats)).toEqual(new Float32Array((50 - slotCount) * floats));
  });

  test('has room after a load for all the slots it had room for before', () => {
    const arena = createStateArena(parts, 2);
    arena.ensure(50);
    arena.load(numberedStates());
    expect(arena.save(0, 50).length).toBe(50 * floats);
    expect(arena.save(0, slotCount)).toEqual(numberedStates());
  });

  test('saves any stretch of slots', () => {
    const arena = createStateArena(parts, 2);
    arena.load(numberedStates());
    expect(arena.save(5, 3)).toEqual(numberedStates().slice(5 * floats, 8 * floats));
    arena.reset(6);
    expect(arena.save(5, 3)).toEqual(
      numberedStates()
        .slice(5 * floats, 8 * floats)
        .fill(0, floats, 2 * floats),
    );
  });

  test('keeps what was written to views that a growth has left behind', () => {
    const arena = createStateArena(parts, 2);
    arena.load(numberedStates());
    const stale = arena.neighbours(4, 2);
    arena.ensure(50);
    for (const view of stale) view.fill(-1);
    arena.keep(4, 2, stale);
    expect(arena.save(0, slotCount)).toEqual(numberedStates().fill(-1, 4 * floats, 6 * floats));
  });
});

describe('states of which some are bytes', () => {
  const mixed = [
    { units: 3, ofBytes: true },
    { units: 2, ofBytes: false },
  ];

  test('begin from the zero that a byte means, after growing and resetting too', () => {
    const arena = createStateArena(mixed, 2);
    arena.ensure(5000);
    arena.ensure(6000);
    const [bytes] = arena.neighbours(5999, 1);
    expect(bytes).toEqual(Uint8Array.of(128, 128, 128));
    bytes!.fill(200);
    arena.reset(5999);
    expect(bytes).toEqual(Uint8Array.of(128, 128, 128));
    bytes!.fill(200);
    arena.clear();
    expect(bytes).toEqual(Uint8Array.of(128, 128, 128));
    expect(arena.save(5999, 1)).toEqual(new Float32Array(5));
  });

  test('are saved as floats, and are the same bytes when they are loaded', () => {
    const arena = createStateArena(mixed, 2);
    arena.ensure(86);
    const [bytes] = arena.neighbours(0, 86);
    for (const at of bytes!.keys()) bytes![at] = at % 256;
    const saved = arena.save(0, 86);
    expect([saved[0], saved[5 * 42 + 2], saved[5 * 85]]).toEqual([-128 / 127, 0, 1].map(Math.fround));
    const restarted = createStateArena(mixed, 2);
    restarted.load(saved);
    expect(restarted.neighbours(0, 86)[0]).toEqual(bytes);
    // What was saved in float32 goes on as the nearest bytes.
    restarted.load(Float32Array.of(0.5, -3, 3, 7, 8));
    expect(restarted.neighbours(0, 1)).toEqual([Uint8Array.of(192, 0, 255), Float32Array.of(7, 8)]);
  });
});

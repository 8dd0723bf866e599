import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createPlacePool, type Place } from './place-pool.ts';

test('places keep what is written into them, whatever is taken and given back, and begin with nothing', () => {
  const turn = fc.record({ size: fc.constantFrom(3, 145, 40_000), gives: fc.boolean() });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
      const pool = createPlacePool();
      const taken: Place[] = [];
      for (const [mark, { size, gives }] of turns.entries()) {
        if (gives && taken.length > 0) pool.give(taken.splice(mark % taken.length, 1)[0]!);
        const place = pool.take(size);
        const own = place.floats.subarray(place.at, place.at + size);
        if (own.length !== size || own.some((value) => value !== 0)) return false;
        own.fill(mark + 1);
        taken.push(place);
      }
      return taken.every(({ floats, at, size }) => {
        const own = floats.subarray(at, at + size);
        return own.every((value) => value === own[0]) && own[0] !== 0;
      });
    }),
    { numRuns: 30 },
  );
  const place = createPlacePool().take(2);
  place.floats[place.at + 1] = 1;
  expect(place.words[2 * place.at + 3]).toBe(0x3ff00000);
});

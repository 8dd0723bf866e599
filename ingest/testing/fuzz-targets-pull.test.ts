import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pullFuzzSeeds, pullFuzzTargets } from './fuzz-targets-pull.ts';

const seedsOf = pullFuzzSeeds();

test.each(Object.entries(pullFuzzTargets()))('%s: mutated bytes are read or refused with a code', (name, run) => {
  const mutated = fc
    .tuple(fc.constantFrom(...seedsOf[name]), fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 4 }))
    .map(([seed, edits]) => {
      let bytes = Buffer.from(seed);
      for (const [at, byte, how] of edits) {
        const index = at % (bytes.length + 1);
        const rest = bytes.subarray(how === 0 ? index : index + 1);
        bytes = Buffer.concat([bytes.subarray(0, index), how === 2 ? Buffer.alloc(0) : Buffer.of(byte), rest]);
      }
      return bytes;
    });
  fc.assert(
    fc.property(mutated, (bytes) => {
      expect(() => run(bytes)).not.toThrow();
    }),
    { numRuns: 1000 },
  );
});

import fc from 'fast-check';
import { describe, test } from 'vitest';
import { damaged } from './damaged.ts';
import { otlpFuzzSeeds as seeds } from './fuzz-seeds-otlp.ts';
import { otlpFuzzTargets } from './fuzz-targets-otlp.ts';

describe('every decoder of OTLP, fed with damaged bodies, answers or throws a coded error', () => {
  test.each(Object.entries(otlpFuzzTargets()))('%s', (name, target) => {
    target(seeds[name]);
    fc.assert(fc.property(fc.oneof(damaged(seeds[name]), fc.uint8Array({ maxLength: 64 })), target), { numRuns: 1000 });
  });
});

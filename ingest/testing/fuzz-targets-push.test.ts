import fc from 'fast-check';
import { describe, it } from 'vitest';
import { damaged } from './damaged.ts';
import { pushFuzzSeeds as seeds } from './fuzz-seeds-push.ts';
import { pushFuzzTargets } from './fuzz-targets-push.ts';

describe('every decoder of the push doors, fed with damaged bodies, answers or throws a coded error', () => {
  it.each(Object.entries(pushFuzzTargets()))('%s', (name, target) => {
    target(seeds[name]);
    fc.assert(fc.property(fc.oneof(damaged(seeds[name]), fc.uint8Array({ maxLength: 64 })), target), { numRuns: 500 });
  });
});

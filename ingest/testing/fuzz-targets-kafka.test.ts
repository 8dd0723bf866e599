import fc from 'fast-check';
import { describe, it } from 'vitest';
import { kafkaFuzzTargets } from './fuzz-targets-kafka.ts';

const seeds = ['{"name": "a", "value": 1, "timestamp": 1764072000, "labels": {"b": "c"}}', '{"resourceMetrics": [{}]}'];

/** Texts near what is taken, and bytes of any kind. */
const near = fc
  .tuple(fc.constantFrom(...seeds), fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 }))
  .map(([seed, changes]) => {
    const bytes = Buffer.from(seed);
    for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

describe('what reads records of Kafka, fed with damaged ones, answers or throws a coded error', () => {
  it.each(Object.entries(kafkaFuzzTargets()))('%s', (_name, target) => {
    fc.assert(fc.property(fc.oneof(near, fc.uint8Array({ maxLength: 64 }), fc.json().map(Buffer.from)), target), {
      numRuns: 500,
    });
  });
});

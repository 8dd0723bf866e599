import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createStateReader } from './state-reader.ts';
import { createStateWriter } from './state-writer.ts';

type Item = { readonly what: 'number'; readonly value: number } | { readonly what: 'bytes'; readonly length: number };

const items = fc.array(
  fc.oneof(
    fc.record({ what: fc.constant('number' as const), value: fc.double() }),
    // Around the sizes at which buffers are full and values become pieces of their own.
    fc.record({
      what: fc.constant('bytes' as const),
      length: fc.oneof(fc.nat(40), fc.integer({ min: 65_520, max: 65_560 }), fc.constant(300_000)),
    }),
  ),
  { maxLength: 12 },
);
const bytesOf = (length: number, seed: number) => new Uint8Array(length).map((_, at) => at * 7 + seed);

test('what is written is read again, in whatever pieces it was taken', () => {
  fc.assert(
    fc.property(items, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (written: Item[], takes) => {
      const writer = createStateWriter();
      const pieces: Uint8Array[] = [];
      for (const [at, item] of written.entries()) {
        if (item.what === 'number') writer.number(item.value);
        else writer.bytes(bytesOf(item.length, at));
        if (takes[at]) pieces.push(...writer.take());
      }
      const reader = createStateReader(Buffer.concat([...pieces, writer.finish()]));
      for (const [at, item] of written.entries()) {
        if (item.what === 'number') expect(reader.number()).toBe(item.value);
        else expect(Buffer.compare(reader.bytes(), bytesOf(item.length, at))).toBe(0);
      }
      expect(() => reader.number()).toThrow(RangeError);
    }),
    { numRuns: 40 },
  );
});

test('a hundred thousand small values are a few pieces, not as many writes', () => {
  const writer = createStateWriter();
  for (let value = 0; value < 100_000; value += 1) writer.column(Float32Array.of(value, -value), 2);
  expect(writer.take().length).toBeLessThan(10);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createBytesIndex } from './bytes-index.ts';

const keys = fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.uint8Array({ maxLength: 12 })), { maxLength: 2000 });
const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const keyText = (scope: number, bytes: Uint8Array) => `${scope}:${Buffer.from(bytes).toString('hex')}`;

test('answers as a map from scope and bytes would', () => {
  fc.assert(
    fc.property(keys, (entries) => {
      const index = createBytesIndex(1_000_000);
      const oracle = new Map<string, number>();
      for (const [value, [scope, bytes]] of entries.entries()) {
        const known = index.find(scope, viewOf(bytes), 0, bytes.length);
        expect(known).toBe(oracle.get(keyText(scope, bytes)) ?? -1);
        if (known >= 0) continue;
        index.add(scope, viewOf(bytes), 0, bytes.length, value);
        oracle.set(keyText(scope, bytes), value);
      }
      for (const [scope, bytes] of entries) {
        expect(index.find(scope, viewOf(bytes), 0, bytes.length)).toBe(oracle.get(keyText(scope, bytes)));
      }
    }),
    { numRuns: 50 },
  );
});

test('looks only at the range it is told', () => {
  const index = createBytesIndex(1000);
  index.add(1, viewOf(Uint8Array.of(9, 1, 2, 3, 9)), 1, 4, 42);
  expect(index.find(1, viewOf(Uint8Array.of(1, 2, 3, 4)), 0, 3)).toBe(42);
  expect(index.find(1, viewOf(Uint8Array.of(1, 2, 3, 4)), 0, 4)).toBe(-1);
});

test('forgets all when the arena is full, says so, and goes on', () => {
  let forgotten = 0;
  const index = createBytesIndex(8, () => forgotten++);
  index.add(0, viewOf(Uint8Array.of(1, 2, 3, 4, 5)), 0, 5, 1);
  index.add(0, viewOf(Uint8Array.of(5, 4, 3, 2, 1)), 0, 5, 2);
  expect(index.size).toBe(1);
  expect(index.find(0, viewOf(Uint8Array.of(1, 2, 3, 4, 5)), 0, 5)).toBe(-1);
  expect(index.find(0, viewOf(Uint8Array.of(5, 4, 3, 2, 1)), 0, 5)).toBe(2);
  expect(forgotten).toBe(1);
});

test('never keeps a key that is longer than the arena may be, and keeps the others', () => {
  const index = createBytesIndex(4);
  expect(index.add(0, viewOf(Uint8Array.of(1)), 0, 1, 7)).toBe(true);
  expect(index.add(0, viewOf(Uint8Array.of(1, 2, 3, 4, 5)), 0, 5, 8)).toBe(false);
  expect(index.find(0, viewOf(Uint8Array.of(1, 2, 3, 4, 5)), 0, 5)).toBe(-1);
  expect(index.find(0, viewOf(Uint8Array.of(1)), 0, 1)).toBe(7);
});

test('knows where the key behind the last one ends, if it is the one that comes', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.uint8Array({ maxLength: 40 }), { minLength: 2, selector: (bytes) => keyText(0, bytes) }),
      fc.uint8Array({ minLength: 1, maxLength: 5 }),
      (entries, more) => {
        const index = createBytesIndex(1_000_000);
        for (const [value, bytes] of entries.entries()) index.add(0, viewOf(bytes), 0, bytes.length, value);
        index.find(0, viewOf(entries[0]), 0, entries[0].length);
        for (const [value, bytes] of entries.entries()) {
          if (value === 0) continue;
          const longer = viewOf(Uint8Array.of(...bytes, ...more));
          expect(index.likelyLength(1, longer, 0, longer.byteLength)).toBe(-1);
          if (bytes.length > 0) expect(index.likelyLength(0, longer, 0, bytes.length - 1)).toBe(-1);
          expect(index.likelyLength(0, longer, 0, longer.byteLength)).toBe(bytes.length);
          expect(index.takeLikely()).toBe(value);
        }
        expect(index.likelyLength(0, viewOf(more), 0, more.length)).toBe(-1);
      },
    ),
  );
});

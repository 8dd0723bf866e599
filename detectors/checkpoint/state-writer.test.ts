import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { type FilePart, KybernError } from '../../model/index.ts';
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
const directory = mkdtempSync(join(tmpdir(), 'kybern-states-'));
const path = join(directory, 'of.state');
afterAll(() => rmSync(directory, { recursive: true }));

/** The bytes in the midst of a file. */
function inFile(bytes: Uint8Array): FilePart {
  writeFileSync(path, Buffer.concat([Buffer.alloc(16, 1), bytes, Buffer.alloc(300, 2)]));
  return { path, start: 16, length: bytes.length };
}

const bytesOf = (length: number, seed: number) => new Uint8Array(length).map((_, at) => at * 7 + seed);

test('what is written is read again, in whatever pieces it was taken, from memory and from a file', () => {
  fc.assert(
    fc.property(items, fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }), (written: Item[], takes) => {
      const writer = createStateWriter();
      const pieces: Uint8Array[] = [];
      for (const [at, item] of written.entries()) {
        if (item.what === 'number') writer.number(item.value);
        else writer.bytes(bytesOf(item.length, at));
        if (takes[at]) pieces.push(...writer.take());
      }
      const whole = Buffer.concat([...pieces, writer.finish()]);
      for (const reader of [whole, inFile(whole)].map(createStateReader)) {
        for (const [at, item] of written.entries()) {
          if (item.what === 'number') expect(reader.number()).toBe(item.value);
          else expect(Buffer.compare(reader.bytes(), bytesOf(item.length, at))).toBe(0);
        }
        expect(() => reader.number()).toThrow(RangeError);
      }
    }),
    { numRuns: 40 },
  );
});

test('a hundred thousand small values are a few pieces, not as many writes', () => {
  const writer = createStateWriter();
  for (let value = 0; value < 100_000; value += 1) writer.column(Float32Array.of(value, -value), 2);
  expect(writer.take().length).toBeLessThan(10);
});

test('columns go from a file to their places, small ones and large ones', () => {
  const columns = [3, 40_000, 70_000, 0, 200_000].map((length) =>
    Float64Array.from({ length }, (_, at) => at + length),
  );
  const writer = createStateWriter();
  for (const column of columns) {
    writer.column(column, column.length);
    writer.text('behind it');
  }
  const reader = createStateReader(inFile(writer.finish()));
  for (const column of columns) {
    const read = new Float64Array(column.length + 1);
    expect(reader.column(read)).toBe(column.length);
    expect(Buffer.compare(new Uint8Array(read.buffer, 0, column.byteLength), new Uint8Array(column.buffer))).toBe(0);
    expect(reader.text()).toBe('behind it');
  }
});

test('a length that cannot be is no reason to take memory, and a file that is gone is told by its code', () => {
  const writer = createStateWriter();
  writer.number(1e15);
  writer.column(new Float64Array(70_000), 70_000);
  const state = writer.finish();
  for (const saved of [state, inFile(state)]) {
    expect(() => createStateReader(saved).bytes()).toThrow(RangeError);
    const reader = createStateReader(saved);
    reader.number();
    expect(() => reader.column(new Float64Array(69_999))).toThrow(RangeError);
  }
  const reader = createStateReader(inFile(state));
  reader.number();
  truncateSync(path, 1000);
  expect(() => reader.column(new Float64Array(70_000))).toThrow(RangeError);
  const gone = createStateReader({ path: join(directory, 'gone.state'), start: 0, length: 80 });
  expect(() => gone.number()).toThrow(KybernError);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ClusterBatch, KybernError, type SignalBatch } from '../../model/index.ts';
import { decodeBlock, encodeBlock } from './block-codec.ts';

const rows = fc.integer({ min: 0, max: 40 });
const idsOf = (count: number) => fc.uint8Array({ minLength: count, maxLength: count });
const seriesOf = (count: number) =>
  fc.array(fc.nat(2 ** 32 - 1), { minLength: count, maxLength: count }).map((ids) => Uint32Array.from(ids));

/** Columns as they come: anything, one and the same, small integers, integers with -0. */
const floatsOf = (count: number) =>
  fc
    .oneof(
      fc.array(fc.double(), { minLength: count, maxLength: count }),
      fc.double().map((value) => Array<number>(count).fill(value)),
      fc.array(fc.integer(), { minLength: count, maxLength: count }),
      fc.array(fc.constantFrom(-0, 0, 1.7e12, 1.7e12 + 15_000), { minLength: count, maxLength: count }),
    )
    .map((values) => Float64Array.from(values));

const samples = rows.chain((count) =>
  fc.record({
    kind: fc.constant('samples' as const),
    count: fc.constant(count),
    series: seriesOf(count),
    timesMs: floatsOf(count),
    values: floatsOf(count),
  }),
);

const ends = rows.chain((count) =>
  fc.record({
    kind: fc.constant('ends' as const),
    count: fc.constant(count),
    series: seriesOf(count),
    timesMs: floatsOf(count),
  }),
);

const texts = (count: number) =>
  fc.array(fc.string({ unit: 'grapheme' }), { minLength: count, maxLength: count }).map((bodies) => {
    const bytes = bodies.map((body) => Buffer.from(body));
    const offsets = new Uint32Array(count + 1);
    for (let row = 0; row < count; row++) offsets[row + 1] = offsets[row] + bytes[row].length;
    return { offsets, bytes: new Uint8Array(Buffer.concat(bytes)) };
  });

const logs = rows.chain((count) =>
  fc.record({
    kind: fc.constant('logs' as const),
    count: fc.constant(count),
    series: seriesOf(count),
    timesMs: floatsOf(count),
    severities: idsOf(count),
    bodies: texts(count),
    traceIds: idsOf(count * 16),
    spanIds: idsOf(count * 8),
  }),
);

const spans = rows.chain((count) =>
  fc.record({
    kind: fc.constant('spans' as const),
    count: fc.constant(count),
    series: seriesOf(count),
    startsMs: floatsOf(count),
    durationsMs: floatsOf(count),
    traceIds: idsOf(count * 16),
    spanIds: idsOf(count * 8),
    parentIds: idsOf(count * 8),
    statuses: idsOf(count),
    kinds: idsOf(count),
  }),
);

const cluster: fc.Arbitrary<ClusterBatch> = fc.record({
  kind: fc.constant('cluster' as const),
  timeMs: fc.integer(),
  events: fc.array(
    fc.record({
      id: fc.string(),
      atMs: fc.integer(),
      entity: fc.record({ kind: fc.constant('pod' as const), namespace: fc.string(), name: fc.string() }),
      reason: fc.string(),
      type: fc.constantFrom('Normal' as const, 'Warning' as const),
      message: fc.string({ unit: 'grapheme' }),
    }),
  ),
});

const batches: fc.Arbitrary<SignalBatch[]> = fc.array(fc.oneof(samples, ends, logs, spans, cluster), { maxLength: 4 });

/** Bit for bit: `toEqual` takes 0 for -0. */
const bits = (batch: SignalBatch) =>
  Object.entries(batch).map(([key, column]) => [
    key,
    ArrayBuffer.isView(column)
      ? Buffer.from(column.buffer, column.byteOffset, column.byteLength).toString('hex')
      : column,
  ]);

describe('a block', () => {
  test('gives back every batch bit for bit, wherever it lies in memory', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 0, max: 7 }), (given, shift) => {
        const block = encodeBlock(given);
        const moved = new Uint8Array(block.length + shift);
        moved.set(block, shift);
        expect(decodeBlock(moved.subarray(shift)).map(bits)).toEqual(given.map(bits));
      }),
      { numRuns: 300 },
    );
  });

  test('that is damaged is refused with a coded error or read as something, never a crash', () => {
    fc.assert(
      fc.property(batches, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(), (given, at, change, cut) => {
        const block = encodeBlock(given).slice();
        block[at % block.length] ^= change;
        try {
          decodeBlock(block.subarray(0, block.length - (cut % 8)));
        } catch (error) {
          expect(error).toBeInstanceOf(KybernError);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('takes only the valid rows of longer columns', () => {
    const long = Float64Array.of(1, 2, 3, 4);
    const block = encodeBlock([
      { kind: 'samples', count: 2, series: Uint32Array.of(7, 8, 9), timesMs: long, values: long },
    ]);
    expect(decodeBlock(block)).toEqual([
      { kind: 'samples', count: 2, series: Uint32Array.of(7, 8), timesMs: long.slice(0, 2), values: long.slice(0, 2) },
    ]);
  });

  test('of one scrape takes 8 bytes a sample beside the values: an id and a constant or short time', () => {
    const count = 2000;
    const batch: SignalBatch = {
      kind: 'samples',
      count,
      series: Uint32Array.from({ length: count }, (_, row) => row),
      timesMs: new Float64Array(count).fill(1.7e12),
      values: Float64Array.from({ length: count }, (_, row) => row / 7),
    };
    expect(encodeBlock([batch]).length).toBeLessThan(count * 12 + 100);
  });

  test.each([
    ['nothing', ''],
    ['another magic', '00000000'.repeat(2)],
    ['a huge count', '4b424c310100000000000000ffffffff'],
    ['an unknown kind', '4b424c310100000009000000'],
  ])('of %s is refused', (_what, hex) => {
    expect(() => decodeBlock(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code: 'KYBERN_LOG_CORRUPT' }));
  });
});

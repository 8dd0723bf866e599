import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SampleBatch, SignalBatch } from '../../model/index.ts';
import { createPortableEncoder, openPortableBlock } from './portable-block.ts';

// Fingerprints that follow from the id, so that they can be told back.
const fingerprints = { high: (id: number) => (id * 2654435761) >>> 0, low: (id: number) => id };

function batchOf(rows: readonly (readonly [series: number, timeMs: number, value: number])[]): SampleBatch {
  return {
    kind: 'samples',
    count: rows.length,
    series: Uint32Array.from(rows, ([series]) => series),
    timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
    values: Float64Array.from(rows, ([, , value]) => value),
  };
}

const rowsArbitrary = fc.array(
  fc.tuple(fc.nat(5000), fc.integer({ min: 0, max: 2e12 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
  { maxLength: 40 },
);

describe('a portable block', () => {
  test('says the same in a process whose numbers for the series are others', () => {
    const encode = createPortableEncoder(fingerprints);
    fc.assert(
      fc.property(
        fc.array(rowsArbitrary, { maxLength: 4 }),
        fc.nat(2e12),
        fc.nat(1000),
        (blocks, receivedMs, shift) => {
          const { bytes, series } = encode({ receivedMs, batches: blocks.map(batchOf) });
          const opened = openPortableBlock(new Uint8Array(bytes));
          expect(opened.receivedMs).toBe(receivedMs);
          expect(new Set(series).size).toBe(series.length);
          // The other process's id of a series is its own id and the shift.
          const ids = Uint32Array.from(series, (_, row) => {
            expect(opened.table[row * 2]).toBe(fingerprints.high(opened.table[row * 2 + 1]));
            return opened.table[row * 2 + 1] + shift;
          });
          const read = opened.batches(ids) as SampleBatch[];
          expect(
            read.map(({ series: own, timesMs, values }) =>
              [...own].map((id, i) => [id - shift, timesMs[i], values[i]]),
            ),
          ).toEqual(blocks);
        },
      ),
    );
  });

  test('carries what a cluster said untouched, and no table for it', () => {
    const said: SignalBatch = { kind: 'cluster', timeMs: 5, events: [] };
    const { bytes, series } = createPortableEncoder(fingerprints)({ receivedMs: 6, batches: [said] });
    expect(series).toHaveLength(0);
    expect(openPortableBlock(bytes).batches(new Uint32Array())).toEqual([said]);
  });

  test('cut off or changed anywhere it is refused or read as something else, and never more', () => {
    const { bytes } = createPortableEncoder(fingerprints)({ receivedMs: 1, batches: [batchOf([[7, 8, 9]])] });
    for (let length = 0; length < bytes.length; length++)
      expect(() => openPortableBlock(bytes.slice(0, length)).batches(Uint32Array.of(1))).toThrow(
        expect.objectContaining({ code: 'KYBERN_LOG_CORRUPT' }),
      );
    const opened = openPortableBlock(bytes);
    expect(() => opened.batches(new Uint32Array())).toThrow(expect.objectContaining({ code: 'KYBERN_LOG_CORRUPT' }));
  });
});

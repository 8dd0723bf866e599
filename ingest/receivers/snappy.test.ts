import fc from 'fast-check';
import { compressSync, uncompressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import { KybernError } from '../../model/index.ts';
import { createSnappyOracle } from '../testing/snappy-oracle.ts';
import { createSnappyScratch } from './snappy-scratch.ts';

const limits = { bodyBytes: 10_000_000, compressedBytes: 10_000_000, compressionRatio: 100 };
const compressible = fc
  .array(fc.tuple(fc.uint8Array({ maxLength: 20 }), fc.nat(200)), { maxLength: 20 })
  .map((parts) => Buffer.concat(parts.flatMap(([bytes, times]) => Array<Uint8Array>(times).fill(bytes))));

describe.each([
  ['of the doors', createSnappyScratch(limits)],
  ['that it is fuzzed against', createSnappyOracle(limits)],
])('the snappy codec %s', (_what, uncompress) => {
  test('gives back what was compressed', () => {
    fc.assert(
      fc.property(compressible, (plain) => {
        expect(Buffer.from(uncompress(compressSync(plain)))).toEqual(plain);
      }),
      { numRuns: 200 },
    );
  });

  test('refuses a damaged block, or gives what the native codec gives', () => {
    fc.assert(
      fc.property(compressible, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.nat(20), (plain, at, change, cut) => {
        const block = Buffer.from(compressSync(plain));
        block[at % block.length] ^= change;
        const damaged = block.subarray(0, block.length - (cut % block.length));
        let expected: Uint8Array | undefined;
        try {
          expected = uncompressSync(damaged, { asBuffer: true }) as Buffer;
        } catch {}
        try {
          expect(Buffer.from(uncompress(damaged))).toEqual(expected);
        } catch (error) {
          if (!(error instanceof KybernError)) throw error;
        }
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['declares 2 GB in six bytes', '80a8d6b90700', 'KYBERN_BODY_TOO_LARGE'],
    ['declares more than it holds', '0a0061', 'KYBERN_BODY_UNREADABLE'],
    ['never ends its length', 'ffffffffffff', 'KYBERN_BODY_UNREADABLE'],
    ['is of the framed format', 'ff060000734e61507059', 'KYBERN_BODY_UNREADABLE'],
  ])('refuses a block that %s', (_why, hex, code) => {
    expect(() => uncompress(Buffer.from(hex, 'hex'))).toThrow(expect.objectContaining({ code }));
  });
});

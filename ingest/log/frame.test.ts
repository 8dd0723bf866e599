import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, frameHeaderBytes } from './frame.ts';

const offset = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
const record = fc.uint8Array({ maxLength: 300 });

describe('a record on disk', () => {
  test('comes back as it was written, wherever in the buffer it lies', () => {
    fc.assert(
      fc.property(offset, record, fc.uint8Array({ maxLength: 40 }), (at, bytes, before) => {
        const buffer = Buffer.concat([before, encodeFrame(at, bytes), Buffer.from('behind')]);
        const frame = decodeFrame(buffer, before.byteLength);
        if (frame.kind !== 'record') return expect.fail(frame.kind);
        expect(frame.offset).toBe(at);
        expect([...buffer.subarray(frame.start, frame.end)]).toEqual([...bytes]);
      }),
    );
  });

  test('is incomplete at every shorter length, and tells how much it needs', () => {
    fc.assert(
      fc.property(offset, record, (at, bytes) => {
        const whole = encodeFrame(at, bytes);
        for (let length = 0; length < whole.byteLength; length++) {
          const needed = length < frameHeaderBytes ? frameHeaderBytes : whole.byteLength;
          expect(decodeFrame(whole.subarray(0, length), 0)).toEqual({ kind: 'incomplete', needed });
        }
      }),
      { numRuns: 30 },
    );
  });

  test('is not taken for sound with any single bit turned', () => {
    fc.assert(
      fc.property(offset, record, fc.nat(), (at, bytes, place) => {
        const frame = encodeFrame(at, bytes);
        const bit = place % (frame.byteLength * 8);
        frame[bit >>> 3] ^= 1 << (bit & 7);
        expect(decodeFrame(frame, 0).kind).not.toBe('record');
      }),
      { numRuns: 500 },
    );
  });

  test('is nothing that random bytes or zeros make', () => {
    expect(decodeFrame(Buffer.alloc(4096), 0).kind).toBe('corrupt');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 200 }), (noise) => {
        expect(decodeFrame(Buffer.from(noise), 0).kind).not.toBe('record');
      }),
    );
  });
});

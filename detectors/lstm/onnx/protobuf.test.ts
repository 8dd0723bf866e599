import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createProtobufWriter, readProtobuf } from './protobuf.ts';

const fieldNumber = fc.integer({ min: 1, max: 2 ** 20 });
const anyField = fc.oneof(
  fc.record({ field: fieldNumber, varint: fc.maxSafeNat() }),
  fc.record({ field: fieldNumber, bytes: fc.uint8Array({ maxLength: 300 }) }),
);

describe('the protobuf writer and reader', () => {
  test('read what was written', () => {
    fc.assert(
      fc.property(fc.array(anyField), (fields) => {
        const writer = createProtobufWriter();
        for (const one of fields) {
          if ('varint' in one) writer.varint(one.field, one.varint);
          else writer.bytes(one.field, one.bytes);
        }
        const read = [...readProtobuf(writer.finish())];
        expect(read.map(({ field }) => field)).toEqual(fields.map(({ field }) => field));
        for (const [index, one] of fields.entries()) {
          if ('varint' in one) expect(read[index]!.varint).toBe(one.varint);
          else expect(read[index]!.bytes).toEqual(one.bytes);
        }
      }),
    );
  });

  test('end with an answer or a RangeError on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        try {
          expect([...readProtobuf(bytes)].length).toBeLessThanOrEqual(bytes.length);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
    );
  });
});

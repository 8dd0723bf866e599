import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { combineCrc32 } from './combine-crc32.ts';

test('two checksums and a length give the checksum of both end to end', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (first, second) => {
      expect(combineCrc32(crc32(first), crc32(second), second.length)).toBe(crc32(Buffer.concat([first, second])));
    }),
  );
  const long = Buffer.alloc(3_000_001, 'abc');
  expect(combineCrc32(crc32('x'), crc32(long), long.length)).toBe(crc32(long, crc32('x')));
});

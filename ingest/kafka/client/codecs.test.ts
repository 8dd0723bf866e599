import fc from 'fast-check';
import { CompressionCodecs } from 'kafkajs';
import { compressSync } from 'snappy';
import { describe, expect, test } from 'vitest';
import type { BatchCodec } from './batch-codec.ts';
import { createGzipCodec } from './gzip-codec.ts';
import { createLz4Codec, decodedBytes } from './lz4-codec.ts';
import { registerCodecs } from './register-codecs.ts';
import { createSnappyCodec } from './snappy-codec.ts';
import { standInRecords, undecodableHeader } from './undecodable-batch.ts';
import { createZstdCodec } from './zstd-codec.ts';

const most = 1024 * 1024;
const codecs: readonly BatchCodec[] = [
  createGzipCodec(most),
  createSnappyCodec(most),
  createLz4Codec(most),
  createZstdCodec(most),
];

describe.each(codecs)('the codec $name', (codec) => {
  test('gives back what it was given', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.nat(40), async (bytes, times) => {
        const plain = Buffer.concat(Array(times + 1).fill(Buffer.from(bytes)));
        expect(await codec.decompress(await codec.compress(plain))).toEqual(plain);
      }),
      { numRuns: 30 },
    );
  });

  test('refuses what is not its own', async () => {
    await expect(codec.decompress(Buffer.from('no codec writes this'))).rejects.toThrow();
  });

  test('refuses a part of a batch', async () => {
    const compressed = await codec.compress(Buffer.from('a text that is long enough to be cut '.repeat(2000)));
    await expect(codec.decompress(compressed.subarray(0, compressed.length - 6))).rejects.toThrow();
  });

  test('refuses a bomb', async () => {
    const bomb = await codec.compress(Buffer.alloc(most + 1));
    await expect(codec.decompress(bomb)).rejects.toThrow();
  });
});

test('snappy without a frame, as franz-go sends it, is read too', async () => {
  const plain = Buffer.from('one raw block '.repeat(100));
  expect(await createSnappyCodec(most).decompress(compressSync(plain))).toEqual(plain);
});

test('the size of an LZ4 frame is never told too small', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.nat(60), async (bytes, times) => {
      const plain = Buffer.concat(Array(times + 1).fill(Buffer.from(bytes)));
      const frame = await createLz4Codec(most).compress(plain);
      expect(decodedBytes(frame, most)).toBeGreaterThanOrEqual(plain.length);
      // Where blocks of their largest size would be too much, their sequences are summed: exact.
      expect(decodedBytes(frame, 0)).toBe(plain.length);
    }),
    { numRuns: 50 },
  );
});

describe('a batch that cannot be decompressed', () => {
  const compressed = Buffer.from('compressed by nobody');

  /** The end of a record batch as a broker sends it: header, then these bytes. */
  function inBatch(count: number, lastOffsetDelta: number, magic = 2): Buffer {
    const header = Buffer.alloc(49);
    header[4] = magic;
    header.writeInt32BE(lastOffsetDelta, 11);
    header.writeInt32BE(count, 45);
    return Buffer.concat([header, compressed]).subarray(49);
  }

  interface Record {
    readonly offset: string;
    readonly value: Buffer | null;
    readonly headers: { readonly [name: string]: Buffer };
  }

  async function decodeByKafkajs(codec: number, count: number, lastOffsetDelta: number): Promise<Record[]> {
    registerCodecs();
    const { default: decodeBatch } = await import('kafkajs/src/protocol/recordBatch/v0/decoder.js');
    const { default: Decoder } = await import('kafkajs/src/protocol/decoder.js');
    const body = inBatch(count, lastOffsetDelta);
    const whole = Buffer.from(body.buffer, body.byteOffset - 49, 49 + body.length);
    whole.writeInt16BE(codec, 9);
    const prefix = Buffer.alloc(12);
    prefix.writeBigInt64BE(1000n, 0);
    prefix.writeInt32BE(whole.length, 8);
    return ((await decodeBatch(new Decoder(Buffer.concat([prefix, whole])))) as { records: Record[] }).records;
  }

  test.each([2, 3, 4, 5, 7])('becomes records that say so, the first with its bytes (codec %i)', async (codec) => {
    const records = await decodeByKafkajs(codec, 3, 2);
    expect(records.map(({ offset }) => offset)).toEqual(['1000', '1001', '1002']);
    expect(records.map(({ value }) => value)).toEqual([compressed, null, null]);
    for (const { headers } of records)
      expect(String(headers[undecodableHeader])).toMatch(/^(snappy|lz4|zstd|codec \d): /);
  });

  test('is passed to its end although compaction took some of its records', async () => {
    const records = await decodeByKafkajs(4, 2, 9);
    expect(records.map(({ offset }) => offset)).toEqual(['1000', '1009']);
  });

  test('is an error where no batch header stands before it', () => {
    expect(standInRecords(inBatch(3, 2, 1), 'why')).toBeUndefined();
    expect(standInRecords(inBatch(0, 2), 'why')).toBeUndefined();
    expect(standInRecords(Buffer.from(new ArrayBuffer(8)), 'why')).toBeUndefined();
  });

  test('kafkajs has every codec that the three bits of the attributes can name', () => {
    registerCodecs();
    const registry = CompressionCodecs as unknown as { readonly [type: number]: () => object };
    for (let type = 1; type < 8; type++) expect(registry[type]()).toHaveProperty('decompress');
  });
});

import { compress, uncompress } from 'snappy';
import { type BatchCodec, BatchTooLargeError } from './batch-codec.ts';

// Kafka's snappy is xerial's (snappy-java's SnappyOutputStream): this header, then blocks of raw snappy, each behind its
// length as int32. Some clients (franz-go, and with it the OpenTelemetry Collector) send one raw block without a header.
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const versions = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1]);
const headerBytes = magic.length + versions.length;
const blockBytes = 32 * 1024;

/** snappy, in blocks of 32 KiB as Java's client sends it; reads framed and raw. */
export const createSnappyCodec = (mostBytes: number): BatchCodec => ({
  name: 'snappy',
  async compress(plain) {
    const parts: Buffer[] = [magic, versions];
    for (let start = 0; start < plain.length; start += blockBytes) {
      const block = await compress(plain.subarray(start, start + blockBytes));
      const length = Buffer.alloc(4);
      length.writeInt32BE(block.length);
      parts.push(length, block);
    }
    return Buffer.concat(parts);
  },
  async decompress(compressed) {
    const blocks = blocksOf(compressed);
    const bytes = blocks.reduce((sum, block) => sum + declaredBytes(block), 0);
    if (bytes > mostBytes) throw new BatchTooLargeError(bytes, mostBytes);
    const parts = await Promise.all(blocks.map((block) => uncompress(block, { asBuffer: true }) as Promise<Buffer>));
    return parts.length === 1 ? parts[0] : Buffer.concat(parts, bytes);
  },
});

function blocksOf(compressed: Buffer): Buffer[] {
  if (!compressed.subarray(0, magic.length).equals(magic)) return [compressed];
  const blocks: Buffer[] = [];
  for (let position = headerBytes; position < compressed.length; ) {
    if (position + 4 > compressed.length) throw new Error('snappy: a block length is cut off');
    const length = compressed.readInt32BE(position);
    position += 4;
    if (length < 0 || position + length > compressed.length) throw new Error('snappy: a block is cut off');
    blocks.push(compressed.subarray(position, position + length));
    position += length;
  }
  return blocks;
}

/** The length that a raw snappy block says it has: a varint of at most 32 bits before the data. */
function declaredBytes(block: Buffer): number {
  let value = 0;
  for (let index = 0; index < 5 && index < block.length; index++) {
    value += (block[index] & 0x7f) * 2 ** (7 * index);
    if (block[index] < 0x80) return value;
  }
  throw new Error('snappy: a block has no length');
}

import { compressFrame, decompressFrame } from 'lz4-napi';
import { type BatchCodec, BatchTooLargeError } from './batch-codec.ts';

/** LZ4 frames (LZ4 Frame Format 1.6), as Kafka has them since message format 2. */
export const createLz4Codec = (mostBytes: number): BatchCodec => ({
  name: 'lz4',
  compress: (plain) => compressFrame(plain),
  async decompress(compressed) {
    const bytes = decodedBytes(compressed, mostBytes);
    if (bytes > mostBytes) throw new BatchTooLargeError(bytes, mostBytes);
    return await decompressFrame(compressed);
  },
});

const frameMagic = 0x184d2204;
const uncompressedBit = 0x80000000;

/**
 * What a frame decodes to, at most: its blocks' largest size each, and where that is too much the exact sum of their
 * literals and matches, found without decoding. Throws where the frame is cut off.
 */
export function decodedBytes(frame: Buffer, mostBytes: number): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== frameMagic) throw new Error('lz4: not a frame');
  const flags = frame[4];
  const blockSize = 2 ** (8 + 2 * ((frame[5] >>> 4) & 7));
  const hasBlockChecksums = (flags & 0x10) !== 0;
  const start = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
  const blocks: Buffer[] = [];
  let plain = 0;
  for (let position = start; ; ) {
    if (position + 4 > frame.length) throw new Error('lz4: a frame has no end');
    const header = frame.readUInt32LE(position);
    position += 4;
    if (header === 0) break;
    const size = header & ~uncompressedBit;
    if (position + size > frame.length) throw new Error('lz4: a block is cut off');
    if (header >= uncompressedBit) plain += size;
    else blocks.push(frame.subarray(position, position + size));
    position += size + (hasBlockChecksums ? 4 : 0);
  }
  const atMost = plain + blocks.length * blockSize;
  return atMost <= mostBytes ? atMost : plain + blocks.reduce((sum, block) => sum + blockDecodedBytes(block), 0);
}

/** Sum of the literals and matches of one compressed block (LZ4 Block Format: token, literals, offset, match). */
function blockDecodedBytes(block: Buffer): number {
  let position = 0;
  let decoded = 0;

  function length(nibble: number): number {
    let value = nibble;
    if (nibble < 15) return value;
    for (;;) {
      if (position >= block.length) throw new Error('lz4: a length is cut off');
      const byte = block[position++];
      value += byte;
      if (byte < 255) return value;
    }
  }

  while (position < block.length) {
    const token = block[position++];
    const literals = length(token >>> 4);
    decoded += literals;
    position += literals;
    if (position >= block.length) break;
    position += 2;
    decoded += length(token & 15) + 4;
  }
  return decoded;
}

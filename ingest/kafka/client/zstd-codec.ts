import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { BatchCodec } from './batch-codec.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** zstd, by Node's own zlib. */
export const createZstdCodec = (mostBytes: number): BatchCodec => ({
  name: 'zstd',
  compress: (plain) => compress(plain),
  decompress: (compressed) => decompress(compressed, { maxOutputLength: mostBytes }),
});

import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { BatchCodec } from './batch-codec.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** gzip with a limit, in the place of kafkajs' own, which has none. */
export const createGzipCodec = (mostBytes: number): BatchCodec => ({
  name: 'gzip',
  compress: (plain) => compress(plain),
  decompress: (compressed) => decompress(compressed, { maxOutputLength: mostBytes }),
});

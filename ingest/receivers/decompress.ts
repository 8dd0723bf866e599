import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import { KybernError } from '../../model/index.ts';

/** A part of the section `ingest.limits`. */
export interface SizeLimits {
  readonly bodyBytes: number;
  readonly compressedBytes: number;
  readonly compressionRatio: number;
}

const decoders = { gzip: promisify(gunzip), zstd: promisify(zstdDecompress) };
const freeBytes = 1024 * 1024;
const kib = 1024;
/** What a body usually becomes, over its length. */
const usualRatio = 8;

/**
 * A body as its Content-Encoding says: none, gzip or zstd. All members of a gzip body together are held to the limits of
 * size and ratio. Rejects with KYBERN_CONTENT_ENCODING, KYBERN_BODY_TOO_LARGE, KYBERN_BODY_UNREADABLE.
 */
export async function decompress(body: Uint8Array, encoding: string | undefined, limits: SizeLimits) {
  const name = (encoding ?? '').trim().toLowerCase();
  if (name === '' || name === 'identity') {
    if (body.length > limits.bodyBytes) throw tooLarge(limits.bodyBytes);
    return body;
  }
  if (name !== 'gzip' && name !== 'zstd') {
    throw new KybernError('KYBERN_CONTENT_ENCODING', 'content encodings taken here: none, gzip, zstd');
  }
  if (body.length > limits.compressedBytes) throw tooLarge(limits.compressedBytes);
  const maxOutputLength = mostBytes(body.length, limits);
  try {
    return await decoders[name](body, pieces(body.length, maxOutputLength));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxOutputLength);
    throw new KybernError('KYBERN_BODY_UNREADABLE', `the body is not valid ${name}`, { cause });
  }
}

/**
 * Options of zlib for a body of this length that may become so much: most come out in one piece. The pieces of a bomb are
 * large enough for the allocator to give them back to the system one by one; by default they are of 16 KiB, thousands of
 * which leave the heap in holes.
 */
export function pieces(compressedBytes: number, maxOutputLength: number) {
  const chunkSize = Math.min(maxOutputLength, 1024 * kib, Math.max(64 * kib, compressedBytes * usualRatio));
  return { maxOutputLength, chunkSize };
}

/** What a compressed body of this length may become. */
export function mostBytes(compressedBytes: number, limits: SizeLimits): number {
  return Math.min(limits.bodyBytes, Math.max(freeBytes, compressedBytes * limits.compressionRatio));
}

export function tooLarge(limit: number): KybernError {
  return new KybernError('KYBERN_BODY_TOO_LARGE', `more than ${limit} bytes`);
}

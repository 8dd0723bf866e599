import { promisify } from 'node:util';
import { inflate, inflateRaw } from 'node:zlib';
import { KybernError } from '../../model/index.ts';
import { decompress, mostBytes, pieces, type SizeLimits, tooLarge } from './decompress.ts';

const inflaters = { zlib: promisify(inflate), raw: promisify(inflateRaw) };

/**
 * A body as Loki's clients encode it: none, gzip, zstd or deflate. What HTTP calls deflate is zlib's form; Go's clients,
 * Loki's own among them, send it bare: the first two bytes tell which. Rejects as {@link decompress} does.
 */
export async function openLokiBody(body: Uint8Array, encoding: string | undefined, limits: SizeLimits) {
  if ((encoding ?? '').trim().toLowerCase() !== 'deflate') return await decompress(body, encoding, limits);
  if (body.length > limits.compressedBytes) throw tooLarge(limits.compressedBytes);
  const maxOutputLength = mostBytes(body.length, limits);
  const isZlib = (body[0] & 0x0f) === 8 && (body[0] * 256 + body[1]) % 31 === 0;
  try {
    return await inflaters[isZlib ? 'zlib' : 'raw'](body, pieces(body.length, maxOutputLength));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxOutputLength);
    throw new KybernError('KYBERN_BODY_UNREADABLE', 'the body is not valid deflate', { cause });
  }
}

import type { ServerHttp2Stream } from 'node:http2';
import { KybernError } from '../../../model/index.ts';
import type { Admission } from '../admission.ts';
import { type SizeLimits, tooLarge } from '../decompress.ts';

/** The one message of a unary call, as sent. */
export interface UnaryMessage {
  readonly bytes: Uint8Array;
  /** Whether it is compressed as the header `grpc-encoding` says. */
  readonly compressed: boolean;
}

const prefixBytes = 5;

/**
 * Reads the one length-prefixed message of a unary gRPC call (gRPC over HTTP2: a flag of one byte, a length of four, the
 * message). Nothing is kept of one that declares more than the limit; what is kept stands in the admission while it comes
 * in. Rejects with KYBERN_BODY_TOO_LARGE, KYBERN_OVERLOADED, and KYBERN_BODY_UNREADABLE where there is not exactly one
 * whole message.
 */
export async function readUnary(
  stream: ServerHttp2Stream,
  limits: SizeLimits,
  admission: Admission,
): Promise<UnaryMessage> {
  const chunks: Buffer[] = [];
  let length = 0;
  let declared = -1;
  let taken = 0;
  try {
    // What is refused here is still answered: leaving the loop must not end the stream.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (declared < 0 && length >= prefixBytes) {
        declared = declaredBytes(Buffer.concat(chunks, prefixBytes), limits);
        admission.take(declared, 0);
        taken = declared;
      }
      if (declared >= 0 && length > prefixBytes + declared) throw unreadable('more than one message');
    }
    if (declared < 0 || length < prefixBytes + declared) throw unreadable('the message is not whole');
    const framed = chunks.length === 1 ? chunks[0] : Buffer.concat(chunks, length);
    return { bytes: framed.subarray(prefixBytes), compressed: framed[0] === 1 };
  } finally {
    admission.release(taken);
  }
}

function declaredBytes(prefix: Buffer, limits: SizeLimits): number {
  if (prefix[0] > 1) throw unreadable(`compressed flag ${prefix[0]}`);
  const bytes = prefix.readUInt32BE(1);
  const limit = prefix[0] === 1 ? limits.compressedBytes : limits.bodyBytes;
  if (bytes > limit) throw tooLarge(limit);
  return bytes;
}

function unreadable(detail: string): KybernError {
  return new KybernError('KYBERN_BODY_UNREADABLE', `gRPC: ${detail}`);
}

/** A codec as kafkajs wants it: of the records of one batch. */
export interface BatchCodec {
  readonly name: string;
  compress(plain: Buffer): Promise<Buffer>;
  /** Rejects where the bytes are not of this codec or hold more than it was made for. */
  decompress(compressed: Buffer): Promise<Buffer>;
}

/**
 * Most bytes that one batch may decompress to. A producer's batch is about a megabyte (`max.request.size`), a broker takes
 * what it is told to; whatever is larger than this is a bomb or a mistake.
 */
export const largestBatchBytes = 256 * 1024 * 1024;

export class BatchTooLargeError extends Error {
  constructor(bytes: number, most: number) {
    super(`a batch decompresses to ${bytes} bytes, at most ${most} are taken`);
    this.name = 'BatchTooLargeError';
  }
}

import kafkajs from 'kafkajs';
import { type BatchCodec, largestBatchBytes } from './batch-codec.ts';
import { createGzipCodec } from './gzip-codec.ts';
import { createLz4Codec } from './lz4-codec.ts';
import { createSnappyCodec } from './snappy-codec.ts';
import { standInRecords } from './undecodable-batch.ts';
import { createZstdCodec } from './zstd-codec.ts';

const codecs: Readonly<Record<number, BatchCodec>> = {
  [kafkajs.CompressionTypes.GZIP]: createGzipCodec(largestBatchBytes),
  [kafkajs.CompressionTypes.Snappy]: createSnappyCodec(largestBatchBytes),
  [kafkajs.CompressionTypes.LZ4]: createLz4Codec(largestBatchBytes),
  [kafkajs.CompressionTypes.ZSTD]: createZstdCodec(largestBatchBytes),
};
// Three bits of a batch's attributes name its codec; these are not given yet. Without an entry kafkajs would read the
// compressed bytes as records.
const unknownCodecs = [5, 6, 7];

/** Gives kafkajs every codec that Kafka has. Doing it again changes nothing. */
export function registerCodecs(): void {
  const registry = kafkajs.CompressionCodecs as Record<number, unknown>;
  for (const [type, codec] of Object.entries(codecs)) registry[Number(type)] = () => kafkajsCodec(codec);
  for (const type of unknownCodecs) registry[type] = () => kafkajsCodec(unknownCodec(type));
}

function kafkajsCodec(codec: BatchCodec) {
  return {
    compress: (encoder: { readonly buffer: Buffer }) => codec.compress(encoder.buffer),
    async decompress(compressed: Buffer): Promise<Buffer> {
      try {
        return await codec.decompress(compressed);
      } catch (cause) {
        const reason = `${codec.name}: ${cause instanceof Error ? cause.message : String(cause)}`;
        const standIn = standInRecords(compressed, reason);
        if (standIn === undefined) throw cause;
        return standIn;
      }
    },
  };
}

function unknownCodec(type: number): BatchCodec {
  const refuse = async (): Promise<Buffer> => {
    throw new Error(`codec ${type} is unknown`);
  };
  return { name: `codec ${type}`, compress: refuse, decompress: refuse };
}

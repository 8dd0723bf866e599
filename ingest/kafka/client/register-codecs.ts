import kafkajs from 'kafkajs';
import type { BatchCodec } from './batch-codec.ts';
import { gzipCodec } from './gzip-codec.ts';
import { lz4Codec } from './lz4-codec.ts';
import { snappyCodec } from './snappy-codec.ts';
import { standInRecords } from './undecodable-batch.ts';
import { zstdCodec } from './zstd-codec.ts';

const codecs: Readonly<Record<number, BatchCodec>> = {
  [kafkajs.CompressionTypes.GZIP]: gzipCodec,
  [kafkajs.CompressionTypes.Snappy]: snappyCodec,
  [kafkajs.CompressionTypes.LZ4]: lz4Codec,
  [kafkajs.CompressionTypes.ZSTD]: zstdCodec,
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

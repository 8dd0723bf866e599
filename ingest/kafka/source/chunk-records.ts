import type { KafkaMessage } from 'kafkajs';

const mostBytes = 8 * 1024 * 1024;
const mostRecords = 2000;

/** Runs of records that are taken together: what a fetch brought may decompress to much more than it was on the wire. */
export function chunkRecords(messages: readonly KafkaMessage[]): KafkaMessage[][] {
  const chunks: KafkaMessage[][] = [];
  let chunk: KafkaMessage[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = message.value?.length ?? 0;
    if (chunk.length > 0 && (bytes + size > mostBytes || chunk.length >= mostRecords)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(message);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}

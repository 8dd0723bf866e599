/** Header of the records that stand for a batch which could not be decompressed; its value says why. */
export const undecodableHeader = 'kybern.undecodable.batch';

// RecordBatch (Kafka protocol, message format 2): what stands before the records, counted from their first byte.
const before = { magic: 45, lastOffsetDelta: 38, recordCount: 4 } as const;
const headerBytes = 49;
const mostRecords = 1_000_000;

/**
 * What kafkajs is given in the place of a batch that cannot be decompressed: as many records as the batch has, each with
 * {@link undecodableHeader}, the first with the compressed bytes as its value, the others with none. An error instead
 * would throw away the answer for all partitions and, for an unknown codec, end the consumer for good; so only the bad
 * batch is affected, and whoever reads it can keep it and go on.
 *
 * A codec gets only its bytes. The batch's header is found before them in the same memory (kafkajs 2.2.4 slices one
 * response buffer, see protocol/decoder.js); where what is found there is no such header, the result is undefined.
 */
export function standInRecords(compressed: Buffer, reason: string): Buffer | undefined {
  if (compressed.byteOffset < headerBytes) return undefined;
  const header = Buffer.from(compressed.buffer, compressed.byteOffset - headerBytes, headerBytes);
  const count = header.readInt32BE(headerBytes - before.recordCount);
  const lastDelta = header.readInt32BE(headerBytes - before.lastOffsetDelta);
  const isHeader = header[headerBytes - before.magic] === 2 && count > 0 && count <= mostRecords;
  if (!isHeader || lastDelta < count - 1) return undefined;
  const why = Buffer.from(reason.slice(0, 500));
  const records: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    // A compacted batch has fewer records than offsets: the last one must be at the last offset for all to be passed.
    const delta = index === count - 1 ? lastDelta : index;
    records.push(encodeRecord(delta, index === 0 ? compressed : null, why));
  }
  return Buffer.concat(records);
}

/** Why the batch that this record stands for could not be read, or undefined for a true record. */
export function undecodableReason(headers: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const value = headers?.[undecodableHeader];
  return value === undefined ? undefined : String(value);
}

/** Record: length, attributes, timestamp delta, offset delta, key, value, headers. */
function encodeRecord(offsetDelta: number, value: Buffer | null, reason: Buffer): Buffer {
  const name = Buffer.from(undecodableHeader);
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(0),
    varint(offsetDelta),
    varint(-1),
    ...(value === null ? [varint(-1)] : [varint(value.length), value]),
    varint(1),
    varint(name.length),
    name,
    varint(reason.length),
    reason,
  ]);
  return Buffer.concat([varint(body.length), body]);
}

/** Zigzag varint of at most 32 bits. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Buffer.from(bytes);
}

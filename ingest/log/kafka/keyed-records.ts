import type { BlockProducer } from './block-producer.ts';
import type { PartitionReader, PartitionRef } from './partition-reader.ts';

export interface KeyedRecord {
  readonly key: string;
  readonly offset: number;
  /** Null where the key was removed. */
  readonly value: Uint8Array | null;
}

/** One partition of a compacted topic: a record stays, at its offset, until another has its key. All rejects as the log does. */
export interface KeyedRecords {
  /** Resolves with the offset, which no other record ever has. */
  put(key: string, value: Uint8Array): Promise<number>;
  remove(keys: readonly string[]): Promise<void>;
  /** Gives every record, in order, up to the end as it is when this begins. */
  readAll(visit: (record: KeyedRecord) => Promise<void>): Promise<void>;
  /** The record at this offset; undefined where it is gone. */
  readAt(offset: number): Promise<Uint8Array | undefined>;
}

const fetchBytes = 4 << 20;

export function createKeyedRecords(deps: {
  readonly ref: PartitionRef;
  readonly reader: Pick<PartitionReader, 'fetch' | 'offsets'>;
  readonly producer: Pick<BlockProducer, 'append'>;
}): KeyedRecords {
  const { ref, reader, producer } = deps;
  return {
    put: (key, value) => producer.append({ ...ref, key: Buffer.from(key), value }),
    async remove(keys) {
      await Promise.all(keys.map((key) => producer.append({ ...ref, key: Buffer.from(key), value: null })));
    },
    async readAll(visit) {
      const [{ first, next }] = await reader.offsets([ref]);
      for (let position = first; position < next; ) {
        const records = await reader.fetch({ ...ref, offset: position, maxBytes: fetchBytes });
        // Compaction may have left nothing up to the end.
        if (records.length === 0) return;
        for (const { key, offset, value } of records)
          if (key !== null && offset < next) await visit({ key: key.toString(), offset, value });
        position = records[records.length - 1].offset + 1;
      }
    },
    async readAt(offset) {
      const [found] = await reader.fetch({ ...ref, offset, maxBytes: 1 });
      return found?.offset === offset && found.value !== null ? found.value : undefined;
    },
  };
}

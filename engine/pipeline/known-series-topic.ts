import type { LogRecord, LogTopic } from '../../model/index.ts';

/**
 * A topic whose records are given out only once the series that they name are known here: definitions are durable before
 * the blocks that use them, so reading them to their end is enough. A record that can't be read is given out as it is.
 */
export function createKnownSeriesTopic(
  topic: LogTopic,
  deps: {
    /** Whether a record names a series that is not known. Throws for what it can't read. */
    readonly namesUnknown: (record: Uint8Array) => boolean;
    readonly catchUp: () => Promise<void>;
  },
): LogTopic {
  function isUnknown(record: LogRecord): boolean {
    try {
      return deps.namesUnknown(record.bytes);
    } catch {
      return false;
    }
  }

  return {
    name: topic.name,
    append: topic.append,
    waitFor: topic.waitFor,
    get nextOffset() {
      return topic.nextOffset;
    },
    get firstOffset() {
      return topic.firstOffset;
    },
    async read(from, maxBytes) {
      const records = await topic.read(from, maxBytes);
      if (records.some(isUnknown)) await deps.catchUp();
      return records;
    },
  };
}

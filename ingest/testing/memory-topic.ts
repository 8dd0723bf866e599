import { KybernError, type LogRecord, type LogTopic } from '../../model/index.ts';

export interface MemoryTopic extends LogTopic {
  readonly records: Uint8Array[];
  /** While true, appends are refused. */
  broken: boolean;
}

/** A log topic in memory. */
export function createMemoryTopic(name = 'series'): MemoryTopic {
  const records: Uint8Array[] = [];
  return {
    name,
    records,
    broken: false,
    firstOffset: 0,
    get nextOffset() {
      return records.length;
    },
    async append(record) {
      await Promise.resolve();
      if (this.broken) throw new KybernError('KYBERN_LOG_UNAVAILABLE', 'broken for a test');
      return records.push(record.slice()) - 1;
    },
    async read(from, maxBytes) {
      const found: LogRecord[] = [];
      let bytes = 0;
      for (let offset = from; offset < records.length && (found.length === 0 || bytes < maxBytes); offset++) {
        found.push({ offset, bytes: records[offset] });
        bytes += records[offset].length;
      }
      return found;
    },
    waitFor: async (offset) => offset < records.length,
  };
}

import type { LogRecord } from '../../model/index.ts';

export interface RecordCache {
  push(record: LogRecord): void;
  /** Records from this offset on up to `maxBytes` (at least one); undefined where older ones than kept are wanted. */
  read(from: number, maxBytes: number): readonly LogRecord[] | undefined;
}

const nothing = new Uint8Array(0);

/** The most recent records in memory, at most `limitBytes`, so that a reader at the tail touches no disk. */
export function createRecordCache(limitBytes: number): RecordCache {
  let records: LogRecord[] = [];
  let head = 0;
  let bytes = 0;

  function push(record: LogRecord): void {
    records.push(record);
    bytes += record.bytes.byteLength;
    while (bytes > limitBytes && head < records.length) {
      bytes -= records[head].bytes.byteLength;
      // The array holds what was dropped until it is cut; cutting at half keeps that to amortised O(1).
      records[head] = { offset: records[head].offset, bytes: nothing };
      head += 1;
    }
    if (head > 64 && head * 2 > records.length) {
      records = records.slice(head);
      head = 0;
    }
  }

  function read(from: number, maxBytes: number): readonly LogRecord[] | undefined {
    if (head === records.length || from < records[head].offset) return undefined;
    let low = head;
    let high = records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (records[middle].offset < from) low = middle + 1;
      else high = middle;
    }
    const found: LogRecord[] = [];
    let total = 0;
    for (let i = low; i < records.length; i++) {
      total += records[i].bytes.byteLength;
      if (found.length > 0 && total > maxBytes) break;
      found.push(records[i]);
    }
    return found;
  }

  return { push, read };
}

import type { Clock, LogRecord, LogTopic, StateFiles } from '../../model/index.ts';

/** A topic in memory whose records all count as durable. */
export function memoryTopic(name: string): LogTopic & { readonly records: Uint8Array[]; forget(from: number): void } {
  const records: Uint8Array[] = [];
  const waiting: (() => void)[] = [];
  return {
    name,
    records,
    get nextOffset() {
      return records.length;
    },
    firstOffset: 0,
    append: async (record) => {
      records.push(record);
      for (const wake of waiting.splice(0)) wake();
      return records.length - 1;
    },
    read: async (from, maxBytes) => {
      const read: LogRecord[] = [];
      let bytes = 0;
      for (let offset = from; offset < records.length; offset++) {
        bytes += records[offset].byteLength;
        if (read.length > 0 && bytes > maxBytes) break;
        read.push({ offset, bytes: records[offset] });
      }
      return read;
    },
    waitFor: async (offset, signal) => {
      while (offset >= records.length && !signal.aborted)
        await new Promise<void>((wake) => {
          waiting.push(wake);
          signal.addEventListener('abort', () => wake(), { once: true });
        });
      return offset < records.length;
    },
    forget: (from) => {
      records.length = from;
    },
  };
}

export function memoryStateFiles(): StateFiles {
  const files = new Map<string, Uint8Array>();
  return {
    get: async (name) => files.get(name),
    put: async (name, value) => {
      files.set(name, value instanceof Uint8Array ? value : Buffer.concat(value));
    },
  };
}

/** Sleeps take no time and are noted. */
export function instantClock(): Clock & { readonly sleeps: number[] } {
  const sleeps: number[] = [];
  return {
    sleeps,
    now: () => 0,
    sleep: async (milliseconds, signal) => {
      sleeps.push(milliseconds);
      await new Promise((turn) => setImmediate(turn));
      return !(signal?.aborted ?? false);
    },
  };
}

import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Collector, Layout } from './layout.ts';

/** Values that are small JSON, by a key whose order as text is the order wanted. */
export interface Records<V> {
  readonly keys: readonly string[];
  readonly timesMs: readonly number[];
  readonly values: readonly V[];
}

const rowsPerGroup = 512;

export function recordLayout<V>(): Layout<Records<V>> {
  function collector(): Collector<Records<V>> {
    let taken = { keys: [] as string[], timesMs: [] as number[], values: [] as V[] };
    return {
      get rows() {
        return taken.keys.length;
      },
      add({ keys, timesMs, values }, row) {
        taken.keys.push(keys[row]);
        taken.timesMs.push(timesMs[row]);
        taken.values.push(values[row]);
      },
      take() {
        const whole = taken;
        taken = { keys: [], timesMs: [], values: [] };
        return whole;
      },
    };
  }

  return {
    rowsPerGroup,
    rows: ({ keys }) => keys.length,
    compare: (a, i, b, j) => compareText(a.keys[i], b.keys[j]),
    collector,
    spanOf: ({ keys, timesMs }) => ({
      low: keys[0],
      high: keys[keys.length - 1],
      fromMs: timesMs.reduce((least, time) => Math.min(least, time)),
      toMs: timesMs.reduce((most, time) => Math.max(most, time)),
    }),
    encode: (records) => zstdCompressSync(Buffer.from(JSON.stringify(records))),
    decode: (bytes) => JSON.parse(zstdDecompressSync(bytes).toString()) as Records<V>,
  };
}

/** Records sorted by key; of those with the same key the last stays. */
export function sortedRecords<V>(records: readonly { key: string; timeMs: number; value: V }[]): Records<V> {
  const byKey = new Map(records.map((record) => [record.key, record]));
  const sorted = [...byKey.values()].sort((a, b) => compareText(a.key, b.key));
  return {
    keys: sorted.map(({ key }) => key),
    timesMs: sorted.map(({ timeMs }) => timeMs),
    values: sorted.map(({ value }) => value),
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

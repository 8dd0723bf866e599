import type { EndBatch, SampleBatch } from '../../model/index.ts';

/** Samples of one request, gathered as columns that double when they are full. */
export interface SampleColumns {
  push(series: number, timeMs: number, value: number): void;
  /** Notes that a series has ended. Rare: not as fast as a push. */
  end(series: number, timeMs: number): void;
  readonly count: number;
  /** The batch so far; its columns are views, and no more may be pushed after it. */
  batch(): SampleBatch;
}

export function createSampleColumns(capacity: number): SampleColumns {
  let series = new Uint32Array(capacity);
  let timesMs = new Float64Array(capacity);
  let values = new Float64Array(capacity);
  let count = 0;
  let ends: [series: number, timeMs: number][] | undefined;

  function ended(rows: readonly (readonly [number, number])[]): EndBatch {
    return {
      kind: 'ends',
      count: rows.length,
      series: Uint32Array.from(rows, ([id]) => id),
      timesMs: Float64Array.from(rows, ([, timeMs]) => timeMs),
    };
  }

  function grow(): void {
    const length = Math.max(16, series.length * 2);
    const [oldSeries, oldTimes, oldValues] = [series, timesMs, values];
    series = new Uint32Array(length);
    timesMs = new Float64Array(length);
    values = new Float64Array(length);
    series.set(oldSeries);
    timesMs.set(oldTimes);
    values.set(oldValues);
  }

  return {
    push(id, timeMs, value) {
      if (count === series.length) grow();
      series[count] = id;
      timesMs[count] = timeMs;
      values[count] = value;
      count++;
    },
    end(id, timeMs) {
      ends ??= [];
      ends.push([id, timeMs]);
    },
    get count() {
      return count;
    },
    batch: () => ({
      kind: 'samples',
      count,
      series: series.subarray(0, count),
      timesMs: timesMs.subarray(0, count),
      values: values.subarray(0, count),
      ...(ends === undefined ? {} : { ended: ended(ends) }),
    }),
  };
}

import type { SampleBatch } from '../../model/index.ts';

/** Columns that another thread sees too: what goes there is copied into them, and no memory is got for it. */
export interface SampleColumns {
  /** The batch in columns of ours: they are filled anew by the next call. */
  share(batch: SampleBatch): SampleBatch;
}

const bytesOfRow = 8 + 8 + 4;

export function createSampleColumns(): SampleColumns {
  let rows = 0;
  let timesMs: Float64Array = new Float64Array(0);
  let values: Float64Array = new Float64Array(0);
  let series: Uint32Array = new Uint32Array(0);

  function reserve(count: number): void {
    if (count <= rows) return;
    rows = Math.max(1024, 2 ** Math.ceil(Math.log2(count)));
    const buffer = new SharedArrayBuffer(rows * bytesOfRow);
    timesMs = new Float64Array(buffer, 0, rows);
    values = new Float64Array(buffer, rows * 8, rows);
    series = new Uint32Array(buffer, rows * 16, rows);
  }

  return {
    share({ kind, count, ...columns }) {
      reserve(count);
      for (let row = 0; row < count; row += 1) {
        series[row] = columns.series[row];
        timesMs[row] = columns.timesMs[row];
        values[row] = columns.values[row];
      }
      return { kind, count, series, timesMs, values };
    },
  };
}

import type { SampleBatch } from '../../model/index.ts';

/** The samples of several batches by time, oldest first, in batches of at most `rows`. */
export function inTimeOrder(batches: readonly SampleBatch[], rows: number): SampleBatch[] {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const series = new Uint32Array(count);
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  let filled = 0;
  for (const batch of batches) {
    series.set(batch.series, filled);
    timesMs.set(batch.timesMs, filled);
    values.set(batch.values, filled);
    filled += batch.count;
  }
  const order = Uint32Array.from(timesMs, (_, row) => row).sort((a, b) => timesMs[a] - timesMs[b]);
  const pieces: SampleBatch[] = [];
  for (let start = 0; start < count; start += rows) {
    const rowsHere = order.subarray(start, start + rows);
    pieces.push({
      kind: 'samples',
      count: rowsHere.length,
      series: Uint32Array.from(rowsHere, (row) => series[row]),
      timesMs: Float64Array.from(rowsHere, (row) => timesMs[row]),
      values: Float64Array.from(rowsHere, (row) => values[row]),
    });
  }
  return pieces;
}

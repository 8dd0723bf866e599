import type { SampleBatch, SignalBatch } from '../../model/index.ts';
import type { Tally } from './tally.ts';

/**
 * How late a sample may be, judged by its own series: against the newest sample of it that became durable, never
 * against the clock, so that old recordings can be replayed. A series of which nothing is known (new, or not seen since
 * the start of this process) takes any time. One for all doors.
 */
export interface SampleWindow {
  /**
   * Whether a sample of this series and time is to be taken; one that is not is counted as rejected `out-of-order`, one
   * that is late but within the window as `late`. Compares with what {@link committed} was told: samples of one body
   * don't stand in each other's way, nor in the way of that body when it is sent again because the log refused it.
   */
  admits(series: number, timeMs: number, tally: Tally): boolean;
  /** To be called once a batch is durable. Other batches than samples change nothing. */
  committed(batch: SignalBatch): void;
}

/** Two doubles for each series; nothing is allocated for a sample. */
export function createSampleWindow(limits: { readonly outOfOrderSeconds: number }): SampleWindow {
  const windowMs = limits.outOfOrderSeconds * 1000;
  let newest = new Float64Array(1024);
  // Oldest time that is still taken. It reaches back to the start of the series' last body, however long that was: the
  // same body sent again (its answer may have been lost) must be taken again.
  let oldest = new Float64Array(1024);

  function reserve(batch: SampleBatch): void {
    let most = 0;
    for (let row = 0; row < batch.count; row++) if (batch.series[row] > most) most = batch.series[row];
    if (most < newest.length) return;
    const length = Math.max(newest.length * 2, most + 1);
    newest = grown(newest, length);
    oldest = grown(oldest, length);
  }

  return {
    admits(series, timeMs, tally) {
      if (series >= newest.length || timeMs >= newest[series]) return true;
      if (timeMs < oldest[series]) {
        tally.rejected['out-of-order']++;
        return false;
      }
      tally.late++;
      return true;
    },
    committed(batch) {
      if (batch.kind !== 'samples') return;
      reserve(batch);
      const { series, timesMs, count } = batch;
      for (let row = count - 1; row >= 0; row--) {
        const id = series[row];
        oldest[id] = timesMs[row];
        if (timesMs[row] > newest[id]) newest[id] = timesMs[row];
      }
      for (let row = 0; row < count; row++) {
        const id = series[row];
        oldest[id] = Math.min(oldest[id], timesMs[row], newest[id] - windowMs);
      }
    },
  };
}

function grown(column: Float64Array, length: number): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(length);
  longer.set(column);
  return longer;
}

import type { BandBatch } from '../../model/index.ts';
import { createColumns, ensureRows } from '../checkpoint/columns.ts';
import type { Sample } from './sample.ts';
import type { Verdict } from './verdict.ts';

const columnTypes = {
  series: Uint32Array,
  timesMs: Float64Array,
  expected: Float64Array,
  lower: Float64Array,
  upper: Float64Array,
};

/** Collects bands; `take` gives them as one batch of its own memory and starts anew. */
export interface BandCollector {
  /** The band that the verdict on a sample shows. */
  add(series: number, sample: Pick<Sample, 'timeMs'>, verdict: Readonly<Verdict>): void;
  take(): BandBatch | undefined;
}

export function createBandCollector(): BandCollector {
  let count = 0;
  const columns = createColumns(columnTypes, 256);

  return {
    add: (id, sample, verdict) => {
      if (count === columns.series.length) ensureRows(columnTypes, columns, count + 1);
      columns.series[count] = id;
      columns.timesMs[count] = sample.timeMs;
      columns.expected[count] = verdict.bandExpected;
      columns.lower[count] = verdict.bandLower;
      columns.upper[count] = verdict.bandUpper;
      count += 1;
    },
    take: () => {
      if (count === 0) return undefined;
      const { series, timesMs, expected, lower, upper } = columns;
      const taken = {
        count,
        series: series.slice(0, count),
        timesMs: timesMs.slice(0, count),
        expected: expected.slice(0, count),
        lower: lower.slice(0, count),
        upper: upper.slice(0, count),
      };
      count = 0;
      return taken;
    },
  };
}

import { KybernError, type SampleBatch, type SeriesCatalog, type SeriesIdentity } from '../model/index.ts';

/** Collects derived samples; `take` gives them as one batch and starts anew. */
export interface DerivedSamples {
  add(series: number, timeMs: number, value: number): void;
  take(): SampleBatch | undefined;
}

export function createDerivedSamples(): DerivedSamples {
  let series: number[] = [];
  let times: number[] = [];
  let values: number[] = [];
  return {
    add: (id, timeMs, value) => {
      series.push(id);
      times.push(timeMs);
      values.push(value);
    },
    take: () => {
      if (series.length === 0) return undefined;
      const batch: SampleBatch = {
        kind: 'samples',
        count: series.length,
        series: Uint32Array.from(series),
        timesMs: Float64Array.from(times),
        values: Float64Array.from(values),
      };
      series = [];
      times = [];
      values = [];
      return batch;
    },
  };
}

/** The id of a derived series, or undefined while the catalogue is full. */
export function internDerived(catalog: SeriesCatalog, identity: SeriesIdentity): number | undefined {
  try {
    return catalog.intern(identity);
  } catch (error) {
    if (error instanceof KybernError && error.code === 'KYBERN_SERIES_LIMIT') return undefined;
    throw error;
  }
}

import type {
  BandBatch,
  HistoryReader,
  SampleBatch,
  SeriesDefinition,
  SeriesSelector,
  StoreReader,
} from '../../model/index.ts';
import { historyColumns } from '../history-columns.ts';
import { historySeries, type KeptSeries, pointsOf, selectSeries, seriesSummary } from '../kept-series.ts';
import { createTimedColumns, type TimedColumns } from '../timed-columns.ts';

export interface MemorySeries extends Pick<StoreReader, 'series' | 'points'>, HistoryReader {
  /** Learns the block's series; returns them by catalogue number. */
  define(definitions: readonly SeriesDefinition[]): ReadonlyMap<number, SeriesDefinition>;
  definition(fingerprint: string): SeriesDefinition | undefined;
  putSamples(batch: SampleBatch, byId: ReadonlyMap<number, SeriesDefinition>): void;
  putBands(batch: BandBatch, byId: ReadonlyMap<number, SeriesDefinition>): void;
  counts(): { readonly samples: number; readonly series: number };
}

export function createMemorySeries(pointsPerSeries: number): MemorySeries {
  const kept = new Map<string, KeptSeries>();

  function define(definitions: readonly SeriesDefinition[]): ReadonlyMap<number, SeriesDefinition> {
    for (const definition of definitions) {
      if (kept.has(definition.fingerprint)) continue;
      const samples = createTimedColumns(1, pointsPerSeries);
      kept.set(definition.fingerprint, { definition, samples, bands: createTimedColumns(3, pointsPerSeries) });
    }
    return new Map(definitions.map((definition) => [definition.id, definition]));
  }

  function keptOf(id: number, byId: ReadonlyMap<number, SeriesDefinition>): KeptSeries {
    const definition = byId.get(id);
    if (definition === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
    return kept.get(definition.fingerprint) as KeptSeries;
  }

  function putSamples(batch: SampleBatch, byId: ReadonlyMap<number, SeriesDefinition>): void {
    for (let i = 0; i < batch.count; i++)
      keptOf(batch.series[i], byId).samples.put(Math.round(batch.timesMs[i]), [batch.values[i]]);
  }

  function putBands(batch: BandBatch, byId: ReadonlyMap<number, SeriesDefinition>): void {
    for (let i = 0; i < batch.count; i++) {
      const row = [batch.expected[i], batch.lower[i], batch.upper[i]];
      keptOf(batch.series[i], byId).bands.put(Math.round(batch.timesMs[i]), row);
    }
  }

  const select = (selector: SeriesSelector, limit: number) =>
    selectSeries(kept.values(), (each) => each.definition, selector, limit);

  return {
    define,
    definition: (fingerprint) => kept.get(fingerprint)?.definition,
    putSamples,
    putBands,
    series: async (selector, limit) => select(selector, limit).map((each) => seriesSummary(each.definition)),
    points: async (selector, fromMs, toMs, maxPoints, maxSeries) =>
      select(selector, maxSeries).map((each) => pointsOf(each, fromMs, toMs, maxPoints)),
    liveSeries: async (fromMs, toMs) =>
      historySeries(
        [...kept.values()].filter(({ samples }) => hasSampleIn(samples, fromMs, toMs)).map((each) => each.definition),
      ),
    history: async (query) => historyColumns(query, (place) => kept.get(query.series[place].fingerprint)?.samples),
    counts: () => ({
      samples: [...kept.values()].reduce((sum, each) => sum + each.samples.count, 0),
      series: kept.size,
    }),
  };
}

function hasSampleIn(samples: TimedColumns, fromMs: number, toMs: number): boolean {
  const at = samples.lowerBound(fromMs);
  return at < samples.count && samples.time(at) < toMs;
}

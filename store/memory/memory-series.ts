import {
  type BandBatch,
  labelValue,
  type SampleBatch,
  type SeriesDefinition,
  type SeriesPoints,
  type SeriesSelector,
  type SeriesSummary,
  type StoreReader,
  sameEntity,
} from '../../model/index.ts';
import { createTimedColumns, type TimedColumns } from './timed-columns.ts';

/** A band older than this says nothing about a sample any more; as in the ClickHouse store. */
const bandReachMs = 300_000;

interface Kept {
  readonly definition: SeriesDefinition;
  readonly samples: TimedColumns;
  readonly bands: TimedColumns;
}

export interface MemorySeries extends Pick<StoreReader, 'series' | 'points'> {
  /** Learns the block's series; returns them by catalogue number. */
  define(definitions: readonly SeriesDefinition[]): ReadonlyMap<number, SeriesDefinition>;
  definition(fingerprint: string): SeriesDefinition | undefined;
  putSamples(batch: SampleBatch, byId: ReadonlyMap<number, SeriesDefinition>): void;
  putBands(batch: BandBatch, byId: ReadonlyMap<number, SeriesDefinition>): void;
  counts(): { readonly samples: number; readonly series: number };
}

export function createMemorySeries(pointsPerSeries: number): MemorySeries {
  const kept = new Map<string, Kept>();

  function define(definitions: readonly SeriesDefinition[]): ReadonlyMap<number, SeriesDefinition> {
    for (const definition of definitions) {
      if (kept.has(definition.fingerprint)) continue;
      const samples = createTimedColumns(1, pointsPerSeries);
      kept.set(definition.fingerprint, { definition, samples, bands: createTimedColumns(3, pointsPerSeries) });
    }
    return new Map(definitions.map((definition) => [definition.id, definition]));
  }

  function keptOf(id: number, byId: ReadonlyMap<number, SeriesDefinition>): Kept {
    const definition = byId.get(id);
    if (definition === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
    return kept.get(definition.fingerprint) as Kept;
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

  function select(selector: SeriesSelector, limit: number): Kept[] {
    return [...kept.values()]
      .filter(({ definition }) => matches(definition, selector))
      .sort(
        (a, b) =>
          compare(a.definition.name, b.definition.name) || compare(a.definition.fingerprint, b.definition.fingerprint),
      )
      .slice(0, limit);
  }

  function pointsOf(each: Kept, fromMs: number, toMs: number, maxPoints: number): SeriesPoints {
    const { samples, bands } = each;
    const first = samples.lowerBound(fromMs);
    const indices: number[] = [];
    for (let i = first; i < samples.count && samples.time(i) <= toMs; i++) indices.push(i);
    const chosen = indices.length <= maxPoints ? indices : thin(samples, indices, fromMs, toMs, maxPoints);
    const bandAt = chosen.map((i) => bandIndex(bands, samples.time(i)));
    const band = (column: number) => bandAt.map((at) => (at < 0 ? Number.NaN : bands.value(column, at)));
    return {
      ...summary(each.definition),
      timesMs: chosen.map((i) => samples.time(i)),
      values: chosen.map((i) => samples.value(0, i)),
      expected: band(0),
      lower: band(1),
      upper: band(2),
    };
  }

  return {
    define,
    definition: (fingerprint) => kept.get(fingerprint)?.definition,
    putSamples,
    putBands,
    series: async (selector, limit) => select(selector, limit).map((each) => summary(each.definition)),
    points: async (selector, fromMs, toMs, maxPoints, maxSeries) =>
      select(selector, maxSeries).map((each) => pointsOf(each, fromMs, toMs, maxPoints)),
    counts: () => ({
      samples: [...kept.values()].reduce((sum, each) => sum + each.samples.count, 0),
      series: kept.size,
    }),
  };
}

/** The lowest and the highest point of each of `maxPoints / 2` equal stretches of time. */
function thin(
  samples: TimedColumns,
  indices: readonly number[],
  fromMs: number,
  toMs: number,
  maxPoints: number,
): number[] {
  const width = Math.max(
    1,
    Math.ceil((Math.floor(toMs) - Math.ceil(fromMs) + 1) / Math.max(1, Math.floor(maxPoints / 2))),
  );
  const buckets = Map.groupBy(indices, (i) => Math.floor((samples.time(i) - Math.ceil(fromMs)) / width));
  const chosen = new Set<number>();
  for (const bucket of buckets.values()) {
    chosen.add(bucket.reduce((low, i) => (samples.value(0, i) < samples.value(0, low) ? i : low)));
    chosen.add(bucket.reduce((high, i) => (samples.value(0, i) > samples.value(0, high) ? i : high)));
  }
  return [...chosen].sort((a, b) => a - b);
}

/** The newest band at or before this time, -1 where there is none that still counts. */
function bandIndex(bands: TimedColumns, timeMs: number): number {
  let at = bands.lowerBound(timeMs);
  if (at === bands.count || bands.time(at) !== timeMs) at -= 1;
  return at >= 0 && timeMs - bands.time(at) <= bandReachMs ? at : -1;
}

function matches(definition: SeriesDefinition, selector: SeriesSelector): boolean {
  if (selector.fingerprint !== undefined && definition.fingerprint !== selector.fingerprint) return false;
  if (selector.metric !== undefined && definition.name !== selector.metric) return false;
  if (selector.entity !== undefined && !sameEntity(definition.entity, selector.entity)) return false;
  return Object.entries(selector.labels ?? {}).every(
    ([name, value]) => (labelValue(definition.labels, name) ?? '') === value,
  );
}

function summary(definition: SeriesDefinition): SeriesSummary {
  const { fingerprint, name, unit, kind, entity } = definition;
  return { fingerprint, metric: name, labels: Object.fromEntries(definition.labels), unit, kind, entity };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

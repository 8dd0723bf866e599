import {
  entityKey,
  type HistorySeries,
  labelValue,
  type SeriesDefinition,
  type SeriesPoints,
  type SeriesSelector,
  type SeriesSummary,
  sameEntity,
} from '../model/index.ts';
import type { TimedColumns } from './timed-columns.ts';

/** A series with its points in memory. */
export interface KeptSeries {
  readonly definition: SeriesDefinition;
  readonly samples: TimedColumns;
  readonly bands: TimedColumns;
}

/** A band older than this says nothing about a sample any more; as in the ClickHouse store. */
export const bandReachMs = 300_000;

/** Those that the selector means, by metric and fingerprint. */
export function selectSeries<T>(
  all: Iterable<T>,
  definitionOf: (each: T) => SeriesDefinition,
  selector: SeriesSelector,
  limit: number,
): T[] {
  return [...all]
    .filter((each) => matches(definitionOf(each), selector))
    .sort((a, b) => {
      const [left, right] = [definitionOf(a), definitionOf(b)];
      return compare(left.name, right.name) || compare(left.fingerprint, right.fingerprint);
    })
    .slice(0, limit);
}

/** A series' points in [fromMs, toMs], thinned where there are more than `maxPoints`, with the bands that held then. */
export function pointsOf(each: KeptSeries, fromMs: number, toMs: number, maxPoints: number): SeriesPoints {
  const { samples, bands } = each;
  const first = samples.lowerBound(fromMs);
  const indices: number[] = [];
  for (let i = first; i < samples.count && samples.time(i) <= toMs; i++) indices.push(i);
  const chosen = indices.length <= maxPoints ? indices : thin(samples, indices, fromMs, toMs, maxPoints);
  const bandAt = chosen.map((i) => bandIndex(bands, samples.time(i)));
  const band = (column: number) => bandAt.map((at) => (at < 0 ? Number.NaN : bands.value(column, at)));
  return {
    ...seriesSummary(each.definition),
    timesMs: chosen.map((i) => samples.time(i)),
    values: chosen.map((i) => samples.value(0, i)),
    expected: band(0),
    lower: band(1),
    upper: band(2),
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

export function seriesSummary(definition: SeriesDefinition): SeriesSummary {
  const { fingerprint, name, unit, kind, entity } = definition;
  return { fingerprint, metric: name, labels: Object.fromEntries(definition.labels), unit, kind, entity };
}

/** Series of numbers as history knows them, those of an entity beside each other. */
export function historySeries(definitions: Iterable<SeriesDefinition>): readonly HistorySeries[] {
  return [...definitions]
    .filter(({ kind }) => kind !== 'logs' && kind !== 'spans')
    .map(({ fingerprint, entity, name, labels, kind, unit, origin }) => ({
      fingerprint,
      entity,
      identity: { name, labels, kind, unit, origin },
    }))
    .sort((a, b) => compare(entityKey(a.entity), entityKey(b.entity)) || compare(a.fingerprint, b.fingerprint));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

import {
  type BandBatch,
  type HistoryColumns,
  type HistoryQuery,
  type HistorySeries,
  KybernError,
  type SampleBatch,
  type SeriesPoints,
} from '../../model/index.ts';
import { historyColumns } from '../history-columns.ts';
import { bandReachMs, historySeries, type KeptSeries, pointsOf } from '../kept-series.ts';
import { createTimedColumns } from '../timed-columns.ts';
import type { FileSeries, NumberedSeries } from './file-series.ts';
import type { Parts } from './parts.ts';
import { type Points, seriesKey, sortedPoints } from './point-layout.ts';

type Numbered = ReadonlyMap<number, NumberedSeries>;

export const dayMs = 86_400_000;
/** Most rows that one question takes into memory. */
const mostRows = 2_000_000;

/** Writes a block's samples, day by day. */
export function writeSamples(parts: Parts<Points>, batches: readonly SampleBatch[], byId: Numbered): Promise<void> {
  return writePoints(parts, batches, ['values'], byId);
}

export function writeBands(parts: Parts<Points>, batches: readonly BandBatch[], byId: Numbered): Promise<void> {
  return writePoints(parts, batches, ['expected', 'lower', 'upper'], byId);
}

async function writePoints<K extends string>(
  parts: Parts<Points>,
  batches: readonly ({ count: number; series: Uint32Array; timesMs: Float64Array } & Record<K, Float64Array>)[],
  values: readonly K[],
  byId: Numbered,
): Promise<void> {
  const rows = batches.reduce((sum, batch) => sum + batch.count, 0);
  const columns = Array.from({ length: values.length + 2 }, () => new Float64Array(rows));
  let at = 0;
  for (const batch of batches) {
    for (let row = 0; row < batch.count; row++, at++) {
      columns[0][at] = numberOf(batch.series[row], byId);
      columns[1][at] = Math.round(batch.timesMs[row]);
      for (let value = 0; value < values.length; value++) columns[value + 2][at] = batch[values[value]][row];
    }
  }
  const points = sortedPoints(rows, columns);
  for (const [day, own] of byDay(points)) await parts.write(day, own);
}

/** Throws RangeError for a series nobody defined. */
export function numberOf(id: number, byId: Numbered): number {
  const found = byId.get(id);
  if (found === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
  return found.number;
}

function byDay(points: Points): ReadonlyMap<number, Points> {
  const { rows, columns } = points;
  const [, times] = columns;
  const dayOf = (row: number) => Math.floor(times[row] / dayMs);
  const days = new Set(Array.from({ length: rows }, (_, row) => dayOf(row)));
  if (days.size <= 1) return new Map([...days].map((day) => [day, points]));
  const all = Array.from({ length: rows }, (_, row) => row);
  return new Map(
    [...Map.groupBy(all, dayOf)].map(([day, own]) => [
      day,
      { rows: own.length, columns: columns.map((column) => Float64Array.from(own, (row) => column[row])) },
    ]),
  );
}

/** The points of these series in [fromMs, toMs]. Rejects with KYBERN_QUERY_LIMIT where they are too many for memory. */
export async function readPoints(
  parts: { readonly samples: Parts<Points>; readonly bands: Parts<Points> },
  found: readonly NumberedSeries[],
  range: { readonly fromMs: number; readonly toMs: number; readonly maxPoints: number },
): Promise<readonly SeriesPoints[]> {
  const { fromMs, toMs, maxPoints } = range;
  const kept = new Map<number, KeptSeries>();
  for (const { number, definition } of found) {
    const columns = (width: number) => createTimedColumns(width, Number.POSITIVE_INFINITY);
    kept.set(number, { definition, samples: columns(1), bands: columns(3) });
  }
  const room = { left: mostRows };
  await fill(parts.samples, kept, 'samples', fromMs, toMs, room);
  await fill(parts.bands, kept, 'bands', fromMs - bandReachMs, toMs, room);
  return found.map(({ number }) => pointsOf(kept.get(number) as KeptSeries, fromMs, toMs, maxPoints));
}

/** Series of numbers that have a sample in [fromMs, toMs). */
export async function readLiveSeries(
  samples: Parts<Points>,
  series: FileSeries,
  fromMs: number,
  toMs: number,
): Promise<readonly HistorySeries[]> {
  const live = new Set<number>();
  for await (const { rows, columns } of samples.read((span) => span.fromMs < toMs && span.toMs >= fromMs)) {
    const [numbers, times] = columns;
    for (let row = 0; row < rows; row++) if (times[row] >= fromMs && times[row] < toMs) live.add(numbers[row]);
  }
  const found = series.select({}, Number.POSITIVE_INFINITY).filter(({ number }) => live.has(number));
  return historySeries(found.map(({ definition }) => definition));
}

/** Rejects with KYBERN_QUERY_LIMIT where the samples are too many for memory. */
export async function readHistory(
  samples: Parts<Points>,
  series: FileSeries,
  query: HistoryQuery,
): Promise<HistoryColumns> {
  const kept = new Map<number, KeptSeries>();
  const byPlace = query.series.map(({ fingerprint }) => {
    const [found] = series.select({ fingerprint }, 1);
    if (found === undefined) return undefined;
    const none = createTimedColumns(0, 0);
    const own = { definition: found.definition, samples: createTimedColumns(1, Number.POSITIVE_INFINITY), bands: none };
    kept.set(found.number, own);
    return own.samples;
  });
  await fill(samples, kept, 'samples', query.fromMs, query.toMs, { left: mostRows });
  return historyColumns(query, (place) => byPlace[place]);
}

async function fill(
  parts: Parts<Points>,
  kept: ReadonlyMap<number, KeptSeries>,
  what: 'samples' | 'bands',
  fromMs: number,
  toMs: number,
  room: { left: number },
): Promise<void> {
  const keys = [...kept.keys()].map(seriesKey).sort();
  const wanted = (span: { low: string; high: string; fromMs: number; toMs: number }) =>
    span.fromMs <= toMs && span.toMs >= fromMs && keys.some((key) => span.low <= key && key <= span.high);
  for await (const { rows, columns } of parts.read(wanted)) {
    const [series, times, ...values] = columns;
    for (let row = 0; row < rows; row++) {
      const own = kept.get(series[row]);
      if (own === undefined || times[row] < fromMs || times[row] > toMs) continue;
      own[what].put(
        times[row],
        values.map((column) => column[row]),
      );
      room.left -= 1;
    }
    if (room.left < 0) throw new KybernError('KYBERN_QUERY_LIMIT', `more than ${mostRows} points to look at`);
  }
}

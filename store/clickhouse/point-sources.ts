import { hourMs } from './rollup-marks.ts';

/** Samples themselves, or a value a minute, or one an hour. */
export type Resolution = 'raw' | 'minute' | 'hour';

const minuteMs = 60_000;
const dayMs = 86_400_000;

export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The coarsest resolution that loses nothing in buckets of this width, or that which is still kept from `fromMs` on.
 * Days of 0 keep for ever.
 */
export function resolutionFor(
  bucketMs: number,
  fromMs: number,
  kept: { readonly nowMs: number; readonly retentionDays: number; readonly minuteRetentionDays: number },
): Resolution {
  const isGone = (days: number) => isOlder(fromMs, kept.nowMs, days);
  if (bucketMs >= 2 * hourMs || (isGone(kept.retentionDays) && isGone(kept.minuteRetentionDays))) return 'hour';
  return bucketMs >= 2 * minuteMs || isGone(kept.retentionDays) ? 'minute' : 'raw';
}

/** Whether this time lies before those that are kept so many days; 0: for ever. */
export function isOlder(timeMs: number, nowMs: number, days: number): boolean {
  return days > 0 && timeMs < nowMs - days * dayMs;
}

/** What of [fromMs, toMs] whole windows of the rollups cover, and the stretches that only the samples themselves do. */
export function divide(
  { fromMs, toMs }: Stretch,
  resolution: 'minute' | 'hour',
  dueHours: readonly number[],
): { readonly rolled: Stretch | undefined; readonly raw: readonly Stretch[] } {
  const windowMs = resolution === 'hour' ? hourMs : minuteMs;
  const first = Math.max(0, Math.ceil(fromMs / windowMs) * windowMs);
  const end = Math.floor((toMs + 1) / windowMs) * windowMs;
  if (end <= first) return { rolled: undefined, raw: [{ fromMs, toMs }] };
  const edges = [
    { fromMs, toMs: first - 1 },
    { fromMs: end, toMs },
  ];
  const due = dueHours.map((hour) => ({
    fromMs: Math.max(fromMs, hour * 1000),
    toMs: Math.min(toMs, hour * 1000 + hourMs - 1),
  }));
  return { rolled: { fromMs: first, toMs: end - 1 }, raw: joined([...edges, ...due]) };
}

/** Many stretches make a long statement: beyond this they are read as one. */
const mostStretches = 24;

/** Those that touch become one; empty ones go. */
function joined(stretches: readonly Stretch[]): readonly Stretch[] {
  const sorted = stretches.filter(({ fromMs, toMs }) => toMs >= fromMs).sort((a, b) => a.fromMs - b.fromMs);
  const result: Stretch[] = [];
  for (const stretch of sorted) {
    const last = result.at(-1);
    if (last === undefined || stretch.fromMs > last.toMs + 1) result.push(stretch);
    else result[result.length - 1] = { fromMs: last.fromMs, toMs: Math.max(last.toMs, stretch.toMs) };
  }
  if (result.length <= mostStretches) return result;
  return [{ fromMs: result[0].fromMs, toMs: result[result.length - 1].toMs }];
}

/** A source of (series, time, value) for the series in `{ids}`: samples in [from, to]. */
export function rawPoints(database: string, from = '{from:Int64}', to = '{to:Int64}'): string {
  return `SELECT series, time, value FROM ${database}.samples FINAL PREWHERE ${chosen}
    AND time BETWEEN fromUnixTimestamp64Milli(${from}) AND fromUnixTimestamp64Milli(${to})`;
}

/** How many samples rollups stand for, as (series, points) rows. */
export function rolledCounts(database: string, resolution: 'minute' | 'hour', stretch: Stretch): string {
  return `SELECT r.series AS series, r.count AS points ${rolled(database, resolution, stretch)}`;
}

/** The same from rollups: of each window the least and the greatest value, at the times they had. */
export function rolledPoints(database: string, resolution: 'minute' | 'hour', stretch: Stretch): string {
  const at = (column: string) => `fromUnixTimestamp64Milli(toInt64(toUnixTimestamp(r.time)) * 1000 + r.${column})`;
  return `SELECT series, point.1 AS time, point.2 AS value FROM (
    SELECT r.series AS series, arrayJoin(arrayDistinct([(${at('min_at')}, r.min), (${at('max_at')}, r.max)])) AS point
    ${rolled(database, resolution, stretch)}
  )`;
}

const summed = 'series IN {sums:Array(UInt64)}';

/** The last sample of each minute, from rollups; of the series in `{sums}` the sum, in the minute's latest known time. */
export function rolledLasts(database: string, stretch: Stretch): string {
  return `SELECT r.series AS series,
      fromUnixTimestamp64Milli(toInt64(toUnixTimestamp(r.time)) * 1000 + greatest(r.min_at, r.max_at)) AS time,
      if(r.${summed}, r.sum, r.last) AS value
    ${rolled(database, 'minute', stretch)}`;
}

/** The same from a source of samples. */
export function minuteLasts(source: string): string {
  return `SELECT series, newest AS time, if(${summed}, total, last) AS value FROM (
    SELECT series, max(p.time) AS newest, argMax(p.value, p.time) AS last, sum(p.value) AS total FROM (${source}) AS p
    GROUP BY series, intDiv(toUnixTimestamp64Milli(p.time), ${minuteMs}))`;
}

function rolled(database: string, resolution: 'minute' | 'hour', { fromMs, toMs }: Stretch): string {
  const time = (ms: number) => `toDateTime(${Math.min(0xffff_ffff, Math.trunc(ms / 1000))}, 'UTC')`;
  return `FROM ${database}.${resolution === 'hour' ? 'samples_1h' : 'samples_1m'} AS r FINAL
    PREWHERE ${chosen} AND r.time BETWEEN ${time(fromMs)} AND ${time(toMs)}
    WHERE toStartOfHour(r.time) NOT IN (SELECT hour FROM ${database}.rollup_hours FINAL WHERE due = 1)`;
}

// A constant that the key knows: of an expression over bound texts the database makes a search through all of them for every
// row of the table. PREWHERE, since FINAL would otherwise read every row first; safe on the columns that make a row the same
// as another.
export const chosen = 'series IN {ids:Array(UInt64)}';

/** Of a source the least and the greatest point of each bucket of `{width}` milliseconds. */
export function thinned(source: string): string {
  return `SELECT series, point.1 AS time, point.2 AS value FROM (
    SELECT series, arrayJoin(arrayDistinct([
      (argMin(time, value), min(value)),
      (argMax(time, value), max(value))
    ])) AS point
    FROM (${source})
    GROUP BY series, intDiv(toUnixTimestamp64Milli(time) - {from:Int64}, {width:Int64})
  )`;
}

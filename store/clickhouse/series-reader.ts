import type { EntityKind, SeriesPoints, SeriesSelector, SeriesSummary, StoreReader } from '../../model/index.ts';
import type { Connection, QueryParams } from './connection.ts';
import {
  chosen,
  divide,
  isOlder,
  rawPoints,
  resolutionFor,
  rolledCounts,
  rolledPoints,
  thinned,
} from './point-sources.ts';
import { hourMs } from './rollup-marks.ts';

interface SeriesRow {
  readonly id: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: string;
  readonly entity_kind: EntityKind;
  readonly entity_namespace: string;
  readonly entity_name: string;
}

interface PointRow {
  readonly fingerprint: string;
  readonly time: string;
  readonly value: number;
  readonly expected: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
}

/** A band older than this says nothing about a sample any more. */
export const bandReachMs = 300_000;

/** How long each resolution is kept; 0: for ever. */
export interface KeptDays {
  readonly retentionDays: number;
  readonly minuteRetentionDays: number;
}

/** Series by selector, and their points with the band that held at each. */
export function createSeriesReader(connection: Connection, kept: KeptDays): Pick<StoreReader, 'series' | 'points'> {
  const { database } = connection;

  async function series(selector: SeriesSelector, limit: number): Promise<readonly SeriesSummary[]> {
    const { where, params } = condition(selector);
    const rows = await connection.rows<SeriesRow>(
      `SELECT ${hexOf('fingerprint')} AS id, metric, labels, unit, kind, entity_kind, entity_namespace, entity_name
       FROM ${database}.series FINAL WHERE ${where} ORDER BY metric, fingerprint LIMIT {limit:UInt32}`,
      { ...params, limit },
    );
    return rows.map(summary);
  }

  async function points(
    selector: SeriesSelector,
    fromMs: number,
    toMs: number,
    maxPoints: number,
    maxSeries: number,
  ): Promise<readonly SeriesPoints[]> {
    const found = await series(selector, maxSeries);
    if (found.length === 0) return [];
    const range = { from: Math.ceil(fromMs), to: Math.floor(toMs) };
    const ids = found.map((each) => BigInt(integerOf(each.fingerprint)));
    // Two points a bucket, its lowest and its highest.
    const width = Math.max(1, Math.ceil((range.to - range.from + 1) / Math.max(1, Math.floor(maxPoints / 2))));
    const { nowMs, dueHours } = await standing(range);
    const resolution = resolutionFor(width, range.from, { nowMs, ...kept });
    const parts =
      resolution === 'raw'
        ? { rolled: undefined, raw: [{ fromMs: range.from, toMs: range.to }] }
        : divide({ fromMs: range.from, toMs: range.to }, resolution, dueHours);
    const rawParts = parts.raw.map(({ fromMs: from, toMs: to }) => rawPoints(database, String(from), String(to)));
    const rolled = resolution === 'raw' ? undefined : parts.rolled;
    const counted = [
      ...(rolled === undefined ? [] : [rolledCounts(database, resolution as 'minute' | 'hour', rolled)]),
      ...rawParts.map((source) => `SELECT series, count() AS points FROM (${source}) GROUP BY series`),
    ];
    const source = [
      ...(rolled === undefined ? [] : [rolledPoints(database, resolution as 'minute' | 'hour', rolled)]),
      ...rawParts,
    ];
    const counts = await connection.rows<{ id: string; points: string }>(
      `SELECT toString(series) AS id, toString(sum(points)) AS points FROM (${counted.join(' UNION ALL ')}) GROUP BY series`,
      { ...range, ids },
    );
    // The samples of a sparse series are no more than its rollups, unless they are gone.
    const isSparse = ({ points }: { points: string }) => Number(points) <= maxPoints;
    const whole = rolled !== undefined && isOlder(range.from, nowMs, kept.retentionDays) ? [] : counts.filter(isSparse);
    const thin = counts.filter((row) => !whole.includes(row));
    return collect(found, [
      ...(await pointRows(rawPoints(database), { ...range, ids: whole.map(({ id }) => BigInt(id)) })),
      ...(await pointRows(thinned(source.join(' UNION ALL ')), {
        ...range,
        ids: thin.map(({ id }) => BigInt(id)),
        width,
      })),
    ]);
  }

  async function standing(range: { from: number; to: number }): Promise<{ nowMs: number; dueHours: number[] }> {
    const [row] = await connection.rows<{ now: string; due: number[] }>(
      `SELECT toString(toUnixTimestamp64Milli(now64(3))) AS now, groupArray(toUnixTimestamp(hour)) AS due
       FROM (SELECT hour FROM ${database}.rollup_hours FINAL WHERE due = 1 AND
         toInt64(toUnixTimestamp(hour)) * 1000 BETWEEN {from:Int64} - ${hourMs} AND {to:Int64})`,
      range,
    );
    return { nowMs: Number(row.now), dueHours: row.due };
  }

  async function pointRows(
    samples: string,
    params: QueryParams & { readonly ids: readonly bigint[] },
  ): Promise<PointRow[]> {
    if (params.ids.length === 0) return [];
    return connection.rows<PointRow>(
      `SELECT ${hexOf('s.series')} AS fingerprint, toString(toUnixTimestamp64Milli(s.time)) AS time, s.value AS value,
         if(fresh, b.expected, nan) AS expected, if(fresh, b.lower, nan) AS lower, if(fresh, b.upper, nan) AS upper,
         toUnixTimestamp64Milli(b.time) > 0 AND
           toUnixTimestamp64Milli(s.time) - toUnixTimestamp64Milli(b.time) <= ${bandReachMs} AS fresh
       FROM (${samples}) AS s
       ASOF LEFT JOIN (
         SELECT series, time, expected, lower, upper FROM ${database}.bands FINAL
         PREWHERE ${chosen}
           AND time BETWEEN fromUnixTimestamp64Milli({from:Int64} - ${bandReachMs}) AND fromUnixTimestamp64Milli({to:Int64})
       ) AS b ON s.series = b.series AND s.time >= b.time
       ORDER BY s.series, s.time`,
      params,
    );
  }

  return { series, points };
}

/** Conditions on the series table; only values that are bound come from outside. */
export function condition(selector: SeriesSelector): { readonly where: string; readonly params: QueryParams } {
  const where = ['1'];
  const params: Record<string, string | readonly string[]> = {};
  if (selector.fingerprint !== undefined) {
    where.push('fingerprint = {fingerprint:UInt64}');
    params.fingerprint = integerOf(selector.fingerprint);
  }
  if (selector.metric !== undefined) {
    where.push('metric = {metric:String}');
    params.metric = selector.metric;
  }
  if (selector.entity !== undefined) {
    where.push('entity_kind = {kind:String} AND entity_namespace = {namespace:String} AND entity_name = {name:String}');
    params.kind = selector.entity.kind;
    params.namespace = selector.entity.namespace;
    params.name = selector.entity.name;
  }
  if (selector.labels !== undefined) {
    where.push('arrayAll((k, v) -> labels[k] = v, {labelNames:Array(String)}, {labelValues:Array(String)})');
    params.labelNames = Object.keys(selector.labels);
    params.labelValues = Object.values(selector.labels);
  }
  return { where: where.join(' AND '), params };
}

export const hexOf = (column: string) => `lower(leftPad(hex(${column}), 16, '0'))`;

/** 16 hex digits as a decimal integer; what isn't such is the number of no series. */
export function integerOf(fingerprint: string): string {
  return /^[0-9a-f]{16}$/.test(fingerprint) ? BigInt(`0x${fingerprint}`).toString() : '0';
}

function summary(row: SeriesRow): SeriesSummary {
  const { id, metric, labels, unit, kind } = row;
  const entity = { kind: row.entity_kind, namespace: row.entity_namespace, name: row.entity_name };
  return { fingerprint: id, metric, labels, unit, kind, entity };
}

function collect(found: readonly SeriesSummary[], rows: readonly PointRow[]): readonly SeriesPoints[] {
  const bySeries = Map.groupBy(rows, (row) => row.fingerprint);
  return found.map((each) => {
    const own = bySeries.get(each.fingerprint) ?? [];
    const column = (name: 'expected' | 'lower' | 'upper') => own.map((row) => row[name] ?? Number.NaN);
    return {
      ...each,
      timesMs: own.map((row) => Number(row.time)),
      values: own.map((row) => row.value),
      expected: column('expected'),
      lower: column('lower'),
      upper: column('upper'),
    };
  });
}

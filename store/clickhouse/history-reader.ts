import {
  canonicalLabels,
  type EntityKind,
  type HistoryColumns,
  type HistoryQuery,
  type HistoryReader,
  type HistorySeries,
  KybernError,
  type SeriesIdentity,
} from '../../model/index.ts';
import type { Connection } from './connection.ts';
import { divide, minuteLasts, rawPoints, rolledLasts, type Stretch } from './point-sources.ts';
import { hourMs } from './rollup-marks.ts';
import { hexOf, integerOf } from './series-reader.ts';

export interface SeriesRow {
  readonly id: string;
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly unit: string;
  readonly kind: SeriesIdentity['kind'];
  readonly origin: SeriesIdentity['origin'];
  readonly entity_kind: EntityKind;
  readonly entity_namespace: string;
  readonly entity_name: string;
}

/** Arrays beside each other: a row for each sample would cost more to parse than the samples to learn from. */
interface Columns {
  readonly places: readonly number[];
  readonly times: readonly number[];
  readonly values: readonly number[];
}

/** The past in bulk: sorted by the database, minutes from their rollups where there are any. */
export function createHistoryReader(connection: Connection): HistoryReader {
  const { database } = connection;

  const rolledIds = (table: string) =>
    `SELECT series FROM ${database}.${table}
     WHERE time >= toDateTime({from:Int64} / 1000) AND time < toDateTime({to:Int64} / 1000)`;

  const rawIds = `SELECT series FROM ${database}.samples
     WHERE time >= fromUnixTimestamp64Milli({from:Int64}) AND time < fromUnixTimestamp64Milli({to:Int64})
       AND toStartOfHour(time) IN (SELECT hour FROM ${database}.rollup_hours FINAL WHERE due = 1)`;

  async function withSamplesIn(
    ids: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<readonly HistorySeries[]> {
    const rows = await connection.rows<SeriesRow>(
      `SELECT ${hexOf('fingerprint')} AS id, metric, labels, unit, kind, origin, entity_kind, entity_namespace, entity_name
       FROM ${database}.series FINAL
       WHERE kind NOT IN ('logs', 'spans') AND fingerprint IN (${ids.join(' UNION ALL ')})
       ORDER BY entity_kind, entity_namespace, entity_name, fingerprint`,
      { from: Math.floor(fromMs), to: Math.ceil(toMs) },
    );
    return rows.map(seriesOf);
  }

  async function dueHours(fromMs: number, toMs: number): Promise<readonly number[]> {
    const rows = await connection.rows<{ hour: number }>(
      `SELECT toUnixTimestamp(hour) AS hour FROM ${database}.rollup_hours FINAL
       WHERE due = 1 AND toInt64(toUnixTimestamp(hour)) * 1000 BETWEEN {from:Int64} - ${hourMs} AND {to:Int64}`,
      { from: Math.floor(fromMs), to: Math.ceil(toMs) },
    );
    return rows.map(({ hour }) => hour);
  }

  const raw = ({ fromMs, toMs }: Stretch) => rawPoints(database, String(fromMs), String(toMs));

  async function sourceOf({ resolution, fromMs, toMs }: HistoryQuery): Promise<string> {
    const all = { fromMs: Math.ceil(fromMs), toMs: Math.ceil(toMs) - 1 };
    if (resolution === 'whole') return raw(all);
    const { rolled, raw: rest } = divide(all, 'minute', await dueHours(fromMs, toMs));
    return [
      ...(rolled === undefined ? [] : [rolledLasts(database, rolled)]),
      ...rest.map((stretch) => minuteLasts(raw(stretch))),
    ].join(' UNION ALL ');
  }

  return {
    async liveSeries(fromMs, toMs) {
      const rolled = rolledIds('samples_1h');
      const ofHours = Math.floor(fromMs / hourMs) * hourMs;
      try {
        return await withSamplesIn([rolled, rawIds], ofHours, toMs);
      } catch (error) {
        // The samples of hours that are not rolled up yet are too many to look through: the others are known.
        if (!(error instanceof KybernError) || error.code !== 'KYBERN_QUERY_LIMIT') throw error;
        return withSamplesIn([rolled], ofHours, toMs);
      }
    },
    async history(query) {
      const ids = query.series.map(numberOf);
      const sums = query.series.filter(({ identity }) => identity.kind === 'delta');
      const [row] = await connection.rows<Columns>(
        `SELECT groupArray(place) AS places, groupArray(at) AS times, groupArray(value) AS values FROM (
           SELECT transform(series, {ids:Array(UInt64)}, range(${ids.length}), 0) AS place,
             toFloat64(toUnixTimestamp64Milli(time) - {from:Int64}) AS at, value
           FROM (${await sourceOf(query)}) ORDER BY time)`,
        {
          ids,
          sums: sums.map(numberOf),
          from: Math.ceil(query.fromMs),
        },
      );
      return columnsOf(row, Math.ceil(query.fromMs));
    },
  };
}

function numberOf({ fingerprint }: HistorySeries): bigint {
  return BigInt(integerOf(fingerprint));
}

function columnsOf({ places, times, values }: Columns, fromMs: number): HistoryColumns {
  return {
    count: places.length,
    places: Uint32Array.from(places),
    timesMs: Float64Array.from(times, (at) => at + fromMs),
    values: Float64Array.from(values),
  };
}

export function seriesOf(row: SeriesRow): HistorySeries {
  const { id, metric, labels, unit, kind, origin } = row;
  return {
    fingerprint: id,
    identity: { name: metric, labels: canonicalLabels(Object.entries(labels)), kind, unit, origin },
    entity: { kind: row.entity_kind, namespace: row.entity_namespace, name: row.entity_name },
  };
}

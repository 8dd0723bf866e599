import type { Connection } from './connection.ts';
import type { RollupMarks } from './rollup-marks.ts';

export interface RollupOptions {
  readonly retentionDays: number;
  /** An hour nobody has written to for so long is rolled up. Well above the pace of `forget`. */
  readonly quietSeconds: number;
}

const hoursAtOnce = 48;

/**
 * Rolls up the hours that are due: a value a minute from the samples, one an hour from those. Always whole hours from
 * what the table holds without duplicates, put in place of what was there: done twice, or half and again, it is the same.
 * An hour stays due until its rollups are on the disk; late samples make it due again. Resolves with the hours done.
 */
export async function rollUp(
  connection: Connection,
  marks: Pick<RollupMarks, 'forget'>,
  { retentionDays, quietSeconds }: RollupOptions,
): Promise<number> {
  const { database } = connection;
  // Hours that are written to are so marked anew each time, and with a later version than that read here.
  marks.forget();
  const due = await connection.rows<{ hour: number; version: string; old: number }>(
    `SELECT toUnixTimestamp(hour) AS hour, toString(toUnixTimestamp64Micro(now64(6))) AS version,
       {days:UInt32} > 0 AND hour < now() - toIntervalDay({days:UInt32}) AS old
     FROM ${database}.rollup_hours FINAL
     WHERE due = 1 AND version <= toUnixTimestamp64Micro(now64(6)) - {quiet:UInt64} * 1000000
     ORDER BY hour DESC LIMIT ${hoursAtOnce}`,
    { days: retentionDays, quiet: quietSeconds },
  );
  for (const { hour, version, old } of due) {
    // Of an hour beyond the retention some samples are gone: its rollups must not be made again from the rest.
    if (!old) {
      await connection.command(minutesOf(database), { from: hour, to: hour + 3600 });
      await connection.command(hourOf(database), { from: hour, to: hour + 3600 });
    }
    await connection.command(
      `INSERT INTO ${database}.rollup_hours (hour, due, version)
       SELECT toDateTime({hour:UInt32}, 'UTC'), 0, {version:UInt64}`,
      { hour, version },
    );
  }
  return due.length;
}

const inOrder = 'SETTINGS optimize_aggregation_in_order = 1, max_threads = 1';

const minutesOf = (database: string) => `
  INSERT INTO ${database}.samples_1m (series, time, count, min, max, sum, last, min_at, max_at)
  SELECT series, toStartOfMinute(time) AS minute, count(), min(value), max(value), sum(value), argMax(value, time),
    toUInt32(toUnixTimestamp64Milli(argMin(time, value)) - toUnixTimestamp(minute) * 1000),
    toUInt32(toUnixTimestamp64Milli(argMax(time, value)) - toUnixTimestamp(minute) * 1000)
  FROM ${database}.samples FINAL
  PREWHERE time >= fromUnixTimestamp64Milli({from:Int64} * 1000) AND time < fromUnixTimestamp64Milli({to:Int64} * 1000)
  GROUP BY series, minute ${inOrder}`;

const hourOf = (database: string) => `
  INSERT INTO ${database}.samples_1h (series, time, count, min, max, sum, last, min_at, max_at)
  SELECT series, toStartOfHour(m.time) AS hour, sum(m.count), min(m.min), max(m.max), sum(m.sum), argMax(m.last, m.time),
    argMin(toUnixTimestamp(m.time) * 1000 + m.min_at, m.min) - toUnixTimestamp(hour) * 1000,
    argMax(toUnixTimestamp(m.time) * 1000 + m.max_at, m.max) - toUnixTimestamp(hour) * 1000
  FROM ${database}.samples_1m AS m FINAL
  PREWHERE m.time >= toDateTime({from:UInt32}, 'UTC') AND m.time < toDateTime({to:UInt32}, 'UTC')
  GROUP BY series, hour ${inOrder}`;

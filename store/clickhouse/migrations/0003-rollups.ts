import type { Migration } from '../migration.ts';
import { durable } from './durable.ts';

// Where in its window the least and the greatest value were, so that a picture drawn from rollups is that of the samples.
const rollupTable = (database: string, table: string, partition: string) =>
  `CREATE TABLE IF NOT EXISTS ${database}.${table} (
    series UInt64 CODEC(ZSTD(1)),
    time DateTime('UTC') CODEC(Delta, ZSTD(3)),
    count UInt32 CODEC(T64, ZSTD(1)),
    min Float64 CODEC(Delta, ZSTD(3)),
    max Float64 CODEC(Delta, ZSTD(3)),
    sum Float64 CODEC(Delta, ZSTD(3)),
    last Float64 CODEC(Delta, ZSTD(3)),
    min_at UInt32 CODEC(ZSTD(1)),
    max_at UInt32 CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree PARTITION BY ${partition} ORDER BY (series, time) SETTINGS ${durable}`;

/** A value a minute and one an hour, and which hours of samples are to be rolled up (again). See decision 0008. */
export const rollups: Migration = {
  version: 3,
  name: 'rollups',
  statements: (database) => [
    rollupTable(database, 'samples_1m', 'toMonday(time)'),
    rollupTable(database, 'samples_1h', 'toYYYYMM(time)'),
    // The version is the server's time: of several processes' marks the latest counts.
    `CREATE TABLE IF NOT EXISTS ${database}.rollup_hours (
      hour DateTime('UTC'),
      due UInt8,
      version UInt64 DEFAULT toUnixTimestamp64Micro(now64(6))
    ) ENGINE = ReplacingMergeTree(version) ORDER BY hour SETTINGS ${durable}`,
    `INSERT INTO ${database}.rollup_hours (hour, due)
     SELECT DISTINCT toStartOfHour(time) AS hour, 1 FROM ${database}.samples
     WHERE time BETWEEN toDateTime64(0, 3, 'UTC') AND toDateTime64(4294967295, 3, 'UTC')`,
  ],
};

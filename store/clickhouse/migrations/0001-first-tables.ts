import type { Migration } from '../migration.ts';
import { durable } from './durable.ts';

// Replacing: what comes a second time in another block has the same key and vanishes in merges and under FINAL. Weeks:
// old data are dropped as whole parts, and a replay of years doesn't make thousands of them.
const byWeek = (time: string) => `PARTITION BY toMonday(${time})`;

const signalTables = (database: string): readonly string[] => [
  `CREATE TABLE IF NOT EXISTS ${database}.series (
    fingerprint UInt64,
    metric LowCardinality(String),
    kind LowCardinality(String),
    unit LowCardinality(String),
    origin LowCardinality(String),
    entity_kind LowCardinality(String),
    entity_namespace LowCardinality(String),
    entity_name String,
    labels Map(LowCardinality(String), String)
  ) ENGINE = ReplacingMergeTree ORDER BY fingerprint SETTINGS ${durable}`,
  `CREATE TABLE IF NOT EXISTS ${database}.samples (
    series UInt64 CODEC(ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    value Float64 CODEC(Gorilla, ZSTD(1))
  ) ENGINE = ReplacingMergeTree ${byWeek('time')} ORDER BY (series, time) SETTINGS ${durable}`,
  `CREATE TABLE IF NOT EXISTS ${database}.bands (
    series UInt64 CODEC(ZSTD(1)),
    time DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    expected Float64 CODEC(Gorilla, ZSTD(1)),
    lower Float64 CODEC(Gorilla, ZSTD(1)),
    upper Float64 CODEC(Gorilla, ZSTD(1))
  ) ENGINE = ReplacingMergeTree ${byWeek('time')} ORDER BY (series, time) SETTINGS ${durable}`,
  `CREATE TABLE IF NOT EXISTS ${database}.logs (
    stream UInt64 CODEC(ZSTD(1)),
    time DateTime64(6, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
    body_hash UInt64 DEFAULT cityHash64(body) CODEC(ZSTD(1)),
    ordinal UInt32 CODEC(ZSTD(1)),
    severity UInt8 CODEC(ZSTD(1)),
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(ZSTD(1)),
    body String CODEC(ZSTD(3))
  ) ENGINE = ReplacingMergeTree ${byWeek('time')} ORDER BY (stream, time, body_hash, ordinal) SETTINGS ${durable}`,
  `CREATE TABLE IF NOT EXISTS ${database}.spans (
    trace_id FixedString(16) CODEC(ZSTD(1)),
    span_id FixedString(8) CODEC(ZSTD(1)),
    parent_id FixedString(8) CODEC(ZSTD(1)),
    stream UInt64 CODEC(ZSTD(1)),
    time DateTime64(6, 'UTC') CODEC(Delta, ZSTD(1)),
    duration_ms Float64 CODEC(ZSTD(1)),
    status UInt8 CODEC(ZSTD(1)),
    kind UInt8 CODEC(ZSTD(1))
  ) ENGINE = ReplacingMergeTree ${byWeek('time')} ORDER BY (trace_id, span_id) SETTINGS ${durable}`,
];

// One table a type of decision, whole documents as JSON beside the columns that lists are filtered and sorted by.
const documentTables = (database: string): readonly string[] =>
  ['anomalies', 'incidents', 'proposals', 'actions', 'audit'].map(
    (table) => `CREATE TABLE IF NOT EXISTS ${database}.${table} (
    id String,
    revision UInt32,
    state LowCardinality(String),
    at DateTime64(3, 'UTC'),
    until DateTime64(3, 'UTC'),
    about String,
    sequence UInt64,
    document String CODEC(ZSTD(3))
  ) ENGINE = ReplacingMergeTree(revision) ORDER BY id SETTINGS ${durable}`,
  );

export const firstTables: Migration = {
  version: 1,
  name: 'first tables',
  statements: (database) => [...signalTables(database), ...documentTables(database)],
};

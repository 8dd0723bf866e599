import type { Migration } from '../migration.ts';
import { durable } from './durable.ts';

/** What operators say: feedback on anomalies, and maintenance windows. Like the tables of the other decisions. */
export const operators: Migration = {
  version: 5,
  name: 'feedback and maintenance',
  statements: (database) =>
    ['feedback', 'maintenance'].map(
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
    ),
};

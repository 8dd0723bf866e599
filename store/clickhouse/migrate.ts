import { KybernError } from '../../model/index.ts';
import type { Connection } from './connection.ts';
import type { Migration } from './migration.ts';
import { migrations } from './migrations/all-migrations.ts';

/**
 * Brings the database to this program's version; safe to be cut short and run again. Rejects with KYBERN_STORE where the
 * database is newer than the program.
 */
export async function migrate(connection: Connection, steps: readonly Migration[] = migrations): Promise<void> {
  const { database } = connection;
  await connection.command(`CREATE DATABASE IF NOT EXISTS ${database}`);
  await connection.command(
    `CREATE TABLE IF NOT EXISTS ${database}.migrations (version UInt32, name String, applied DateTime DEFAULT now())
     ENGINE = ReplacingMergeTree ORDER BY version SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`,
  );
  const [{ version }] = await connection.rows<{ version: number }>(
    `SELECT max(version) AS version FROM ${database}.migrations`,
  );
  const newest = steps.at(-1)?.version ?? 0;
  if (version > newest)
    throw new KybernError(
      'KYBERN_STORE',
      `${database} is at version ${version}, made by a newer Kybern (this: ${newest})`,
    );
  for (const step of steps) {
    if (step.version <= version) continue;
    for (const statement of step.statements(database)) await connection.command(statement);
    const row = Buffer.from(`${JSON.stringify({ version: step.version, name: step.name })}\n`);
    await connection.insert('migrations', 'JSONEachRow', [row], `migration ${step.version}`);
  }
}

export interface Retention {
  /** Of samples, bands, logs and spans; 0: for ever, as below. */
  readonly retentionDays: number;
  readonly minuteRetentionDays: number;
  readonly hourRetentionDays: number;
}

/** Sets how long signals are kept, where that isn't so already; deletion happens in the background, by whole parts. */
export async function applyRetention(connection: Connection, retention: Retention): Promise<void> {
  const { database } = connection;
  const { retentionDays, minuteRetentionDays, hourRetentionDays } = retention;
  const daysOf = new Map([
    ...['samples', 'bands', 'logs', 'spans'].map((table) => [table, retentionDays] as const),
    ['samples_1m', minuteRetentionDays],
    ['samples_1h', hourRetentionDays],
  ]);
  const tables = await connection.rows<{ name: string; definition: string }>(
    `SELECT name, create_table_query AS definition FROM system.tables
     WHERE database = {database:String} AND name IN {names:Array(String)}`,
    { database, names: [...daysOf.keys()] },
  );
  for (const { name, definition } of tables) {
    const days = daysOf.get(name) ?? 0;
    const now = /\bTTL toDateTime\(time\) \+ toIntervalDay\((\d+)\)/.exec(definition)?.[1];
    if (days > 0 && now !== String(days))
      await connection.command(
        `ALTER TABLE ${database}.${name} MODIFY TTL toDateTime(time) + toIntervalDay(${Math.trunc(days)})
         SETTINGS materialize_ttl_after_modify = 0`,
      );
    if (days === 0 && now !== undefined) await connection.command(`ALTER TABLE ${database}.${name} REMOVE TTL`);
    if (!definition.includes('ttl_only_drop_parts'))
      await connection.command(`ALTER TABLE ${database}.${name} MODIFY SETTING ttl_only_drop_parts = 1`);
  }
}

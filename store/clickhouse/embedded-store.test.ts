import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../model/index.ts';
import { decisionContract } from '../testing/decision-contract.ts';
import { incident } from '../testing/decisions.ts';
import { signalContract } from '../testing/signal-contract.ts';
import { block, definition, sampleBatch } from '../testing/signals.ts';
import { openClickHouseStore } from './clickhouse-store.ts';
import { createConnection, type Engine } from './connection.ts';
import { openEmbeddedEngine } from './embedded-engine.ts';
import { applyRetention, migrate } from './migrate.ts';
import { migrations } from './migrations/all-migrations.ts';

let engine: Engine;
let directory: string;
let number = 1;
const database = () => `test_${number++}`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kybern-store-it's-"));
  engine = await openEmbeddedEngine(directory, 300_000_000);
});
afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

/** A fresh database each time; the one before goes, so that the engine never tends hundreds of tables. */
async function open(): Promise<Store> {
  await engine.client.command({ query: `DROP DATABASE IF EXISTS test_${number - 1}` });
  return openClickHouseStore(engine, database(), 0);
}
signalContract('embedded', open, 2);
decisionContract('embedded', open);

describe('the tables', () => {
  test('are made once, and again without harm after a migration was cut short', async () => {
    const connection = createConnection(engine, database());
    await migrate(connection);
    await connection.command(`TRUNCATE TABLE ${connection.database}.migrations`);
    await migrate(connection);
    await migrate(connection);
    const rows = await connection.rows(`SELECT version, name FROM ${connection.database}.migrations FINAL`);
    expect(rows).toEqual(migrations.map(({ version, name }) => ({ version, name })));
  });

  test('of a newer program are left alone', async () => {
    const connection = createConnection(engine, database());
    await migrate(connection, [...migrations, { version: 999, name: 'from the future', statements: () => [] }]);
    await expect(migrate(connection)).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  });

  test('forget signals after the days to keep, as last told, and never decisions', async () => {
    const connection = createConnection(engine, database());
    const store = await openClickHouseStore(engine, connection.database, 30);
    const now = Date.now();
    const samples = [sampleBatch([0, now, 1], [0, now - 40 * 86_400_000, 2], [0, -1e15, 3])];
    await store.writeSignals(block({ definitions: [definition(0, 'heap')], samples }), 'a');
    await store.writeDecisions(
      [{ type: 'incident', value: incident('old', 0, { openedAt: '2001-01-01T00:00:00Z' }) }],
      'a',
    );
    expect((await store.counts()).samples).toBe(1);
    expect(await store.incident('old')).toBeDefined();
    const ttl = async () =>
      connection.rows<{ name: string; days: string }>(
        `SELECT name, extract(create_table_query, 'toIntervalDay\\\\((\\\\d+)\\\\)') AS days FROM system.tables
         WHERE database = {database:String} AND days != '' ORDER BY name`,
        { database: connection.database },
      );
    expect(await ttl()).toEqual(['bands', 'logs', 'samples', 'spans'].map((name) => ({ name, days: '30' })));
    await applyRetention(connection, 7);
    expect((await ttl()).map((row) => row.days)).toEqual(['7', '7', '7', '7']);
    await applyRetention(connection, 0);
    expect(await ttl()).toEqual([]);
  });
});

test('what the engine refuses is an error with a code, and the next statement works', async () => {
  const connection = createConnection(engine, database());
  await expect(connection.rows('SELECT nonsense FROM nowhere')).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  await expect(connection.insert('nowhere', 'JSONEachRow', [Buffer.from('{}\n')], 'a')).rejects.toMatchObject({
    code: 'KYBERN_STORE',
  });
  await connection.ping();
});

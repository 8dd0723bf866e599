import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Store } from '../../model/index.ts';
import { decisionContract } from '../testing/decision-contract.ts';
import { incident } from '../testing/decisions.ts';
import { memoryQuarantine } from '../testing/rejecting.ts';
import { signalContract } from '../testing/signal-contract.ts';
import { block, definition, type SampleRow, sampleBatch } from '../testing/signals.ts';
import { openClickHouseStore } from './clickhouse-store.ts';
import { createConnection, type Engine } from './connection.ts';
import { openEmbeddedEngine } from './embedded-engine.ts';
import { applyRetention, migrate } from './migrate.ts';
import { migrations } from './migrations/all-migrations.ts';

let engine: Engine;
let directory: string;
let number = 1;
const quarantine = memoryQuarantine();
const forEver = { retentionDays: 0, minuteRetentionDays: 0, hourRetentionDays: 0 };

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "kybern-store-it's-"));
  engine = await openEmbeddedEngine(directory, 300_000_000);
});
afterAll(async () => {
  await engine.close();
  await rm(directory, { recursive: true, force: true });
});

/**
 * A fresh name each time. The database before it goes, with its files: the engine never tends hundreds of tables, and there
 * are no ten thousand files left to delete at the end, which took a slow disk over ten seconds.
 */
async function database(): Promise<string> {
  await engine.use((client) => client.command({ query: `DROP DATABASE IF EXISTS test_${number - 1} SYNC` }));
  return `test_${number++}`;
}

async function open(): Promise<Store> {
  return openClickHouseStore(engine, { database: await database(), quarantine });
}
signalContract('embedded', open, 2);
decisionContract('embedded', open);

describe('the tables', () => {
  test('are made once, and again without harm after a migration was cut short', async () => {
    const connection = createConnection(engine, { database: await database() });
    await migrate(connection);
    await connection.command(`TRUNCATE TABLE ${connection.database}.migrations`);
    await migrate(connection);
    await migrate(connection);
    const rows = await connection.rows(
      `SELECT version, name FROM ${connection.database}.migrations FINAL ORDER BY version`,
    );
    expect(rows).toEqual(migrations.map(({ version, name }) => ({ version, name })));
  });

  test('of a newer program are left alone', async () => {
    const connection = createConnection(engine, { database: await database() });
    await migrate(connection, [...migrations, { version: 999, name: 'from the future', statements: () => [] }]);
    await expect(migrate(connection)).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  });

  test('forget signals after the days to keep, as last told, and never decisions', async () => {
    const connection = createConnection(engine, { database: await database() });
    const store = await openClickHouseStore(engine, {
      database: connection.database,
      quarantine,
      retentionDays: 30,
      minuteRetentionDays: 90,
    });
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
    expect(await ttl()).toEqual([
      ...['bands', 'logs', 'samples'].map((name) => ({ name, days: '30' })),
      { name: 'samples_1m', days: '90' },
      { name: 'spans', days: '30' },
    ]);
    await applyRetention(connection, { ...forEver, retentionDays: 7 });
    expect((await ttl()).map((row) => row.days)).toEqual(['7', '7', '7', '7']);
    await applyRetention(connection, forEver);
    expect(await ttl()).toEqual([]);
  });
});

test('what the engine refuses is an error with a code, and the next statement works', async () => {
  const connection = createConnection(engine, { database: await database() });
  await expect(connection.rows('SELECT nonsense FROM nowhere')).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  await expect(connection.insert('nowhere', 'JSONEachRow', [Buffer.from('{}\n')], 'a')).rejects.toMatchObject({
    code: 'KYBERN_STORE',
  });
  await connection.ping();
});

describe('rollups', () => {
  const t0 = Date.UTC(2026, 5, 1, 12);
  const hourMs = 3_600_000;
  const heap = definition(0, 'heap');

  async function opened() {
    const name = await database();
    const store = await openClickHouseStore(engine, { database: name, quarantine, rollupQuietSeconds: 0 });
    const connection = createConnection(engine, { database: name });
    const rollups = (table: string) =>
      connection.rows<Record<string, string | number>>(
        `SELECT toUnixTimestamp(time) * 1000 AS time, count, min, max, sum, last FROM ${name}.${table} FINAL ORDER BY time`,
      );
    const write = (token: string, ...rows: readonly SampleRow[]) =>
      store.writeSignals(block({ definitions: [heap], samples: [sampleBatch(...rows)] }), token);
    return { name, store, connection, rollups, write };
  }

  test('are of samples without duplicates, the same however often they are made, and made again for late samples', async () => {
    const { store, rollups, write } = await opened();
    const rows: SampleRow[] = [
      [0, t0, 1],
      [0, t0 + 1000, 5],
      [0, t0 + 59_999, 3],
      [0, t0 + 60_000, -2],
    ];
    for (const token of ['a', 'b', 'c']) await write(token, ...rows);
    await store.upkeep?.();
    const minutes = [
      { time: t0, count: 3, min: 1, max: 5, sum: 9, last: 3 },
      { time: t0 + 60_000, count: 1, min: -2, max: -2, sum: -2, last: -2 },
    ];
    expect(await rollups('samples_1m')).toMatchObject(minutes);
    await write('d', ...rows);
    await store.upkeep?.();
    await store.upkeep?.();
    expect(await rollups('samples_1h')).toMatchObject([{ count: 4, min: -2, max: 5, sum: 7, last: -2 }]);
    await write('late', [0, t0 + 30_000, 9]);
    await store.upkeep?.();
    expect(await rollups('samples_1m')).toMatchObject([{ count: 4, max: 9, sum: 18 }, { count: 1 }]);
    expect(await rollups('samples_1h')).toMatchObject([{ count: 5, max: 9, sum: 16 }]);
  });

  test('draw the same picture as the samples, before and after they are made, and when the samples are gone', async () => {
    const { name, store, connection, write } = await opened();
    const rows = Array.from({ length: 36 * 60 * 6 }, (_, i): SampleRow => [0, t0 + i * 10_000, Math.sin(i / 700) * 50]);
    rows[4321] = [0, t0 + 43_210_000, 99];
    rows[5432] = [0, t0 + 54_320_000, -99];
    await write('a', ...rows);
    const draw = () => store.points({ metric: 'heap' }, t0, t0 + 36 * hourMs - 1, 24, 1);
    const fromSamples = await draw();
    await store.upkeep?.();
    expect(await draw()).toEqual(fromSamples);
    await connection.command(`TRUNCATE TABLE ${name}.samples`);
    const [fromRollups] = await draw();
    expect(fromRollups).toEqual(fromSamples[0]);
    expect(fromRollups.values[fromRollups.timesMs.indexOf(t0 + 43_210_000)]).toBe(99);
    const [minutely] = await store.points({ metric: 'heap' }, t0, t0 + 36 * hourMs - 1, 400, 1);
    expect(minutely.timesMs.length).toBeGreaterThan(300);
    expect(minutely.values).toContain(-99);
  });

  test('give the past as the samples do, and know which series live', async () => {
    const { name, store, connection, write } = await opened();
    await write('a', ...Array.from({ length: 2000 }, (_, i): SampleRow => [0, t0 + 9000 + i * 15_000, i]));
    const past = async () => {
      const series = await store.liveSeries(t0, t0 + 9 * hourMs);
      return { series, ...(await store.history({ series, fromMs: t0, toMs: t0 + 30e6, resolution: 'minute' })) };
    };
    const fromSamples = await past();
    expect([fromSamples.series.length, fromSamples.count]).toEqual([1, 500]);
    await store.upkeep?.();
    await connection.command(`TRUNCATE TABLE ${name}.samples`);
    expect(await past()).toEqual(fromSamples);
  });

  test('an hour written to while it is rolled up stays due', async () => {
    const { name, store, connection, write } = await opened();
    await write('a', [0, t0, 1]);
    const future = `INSERT INTO ${name}.rollup_hours (hour, due, version) VALUES (${t0 / 1000}, 1, ${'9'.repeat(18)})`;
    await connection.command(future);
    await store.upkeep?.();
    const due = await connection.rows(`SELECT due FROM ${name}.rollup_hours FINAL`);
    expect(due).toEqual([{ due: 1 }]);
  });
});

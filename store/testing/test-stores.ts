import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { Store } from '../../model/index.ts';
import { openClickHouseStore } from '../clickhouse/clickhouse-store.ts';
import type { Engine } from '../clickhouse/connection.ts';
import { openEmbeddedEngine } from '../clickhouse/embedded-engine.ts';
import { createMemoryStore } from '../memory/memory-store.ts';

/** A fresh, empty store of each kind at every call: `stores.embedded()`. chDB is opened once, a database a call. */
export function testStores(): Readonly<Record<'memory' | 'embedded', () => Promise<Store>>> & {
  readonly engine: () => Engine;
} {
  let engine: Engine;
  let directory: string;
  let number = 0;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kybern-store-'));
    engine = await openEmbeddedEngine(directory, 300_000_000);
  });
  afterAll(async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  });
  return {
    memory: async () => createMemoryStore({ memoryPointsPerSeries: 10_000, memoryRecords: 10_000 }),
    embedded: () => openClickHouseStore(engine, `test_${number++}`, 0),
    engine: () => engine,
  };
}

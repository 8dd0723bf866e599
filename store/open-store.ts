import type { Metrics, Store } from '../model/index.ts';
import { openClickHouseStore } from './clickhouse/clickhouse-store.ts';
import type { Engine } from './clickhouse/connection.ts';
import { openServerEngine } from './clickhouse/server-engine.ts';
import type { StoreConfig } from './config.ts';
import { createMemoryStore } from './memory/memory-store.ts';
import { meteredStore } from './metered-store.ts';

export interface OpenStoreOptions {
  readonly config: StoreConfig;
  /** Of the embedded engine's own; one a process. */
  readonly directory: string;
  readonly metrics: Metrics;
}

/** Opens the store that the configuration names, its tables up to date. Rejects with KYBERN_STORE. */
export async function openStore({ config, directory, metrics }: OpenStoreOptions): Promise<Store> {
  if (config.kind === 'memory') return meteredStore(createMemoryStore(config), metrics);
  const engine = await openEngine(config, directory);
  try {
    return meteredStore(await openClickHouseStore(engine, config.database, config.retentionDays), metrics);
  } catch (error) {
    await engine.close().catch(() => {});
    throw error;
  }
}

async function openEngine(config: StoreConfig, directory: string): Promise<Engine> {
  if (config.kind === 'server') return openServerEngine(config);
  // Loaded when wanted only: the engine's library takes 150 MB of memory.
  const { openEmbeddedEngine } = await import('./clickhouse/embedded-engine.ts');
  return openEmbeddedEngine(directory, config.memoryLimitBytes);
}

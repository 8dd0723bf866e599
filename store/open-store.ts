import { join } from 'node:path';
import type { Clock, Metrics, Store } from '../model/index.ts';
import { openClickHouseStore } from './clickhouse/clickhouse-store.ts';
import type { Engine } from './clickhouse/connection.ts';
import { openServerEngine } from './clickhouse/server-engine.ts';
import type { StoreConfig } from './config.ts';
import { openFilesStore } from './files/files-store.ts';
import { createMemoryStore } from './memory/memory-store.ts';
import { meteredStore } from './metered-store.ts';
import { createQuarantine } from './quarantine.ts';
import { trimmingStore } from './trim/trimming-store.ts';

export interface OpenStoreOptions {
  readonly config: StoreConfig;
  /** Of the embedded engine's own; one a process. */
  readonly directory: string;
  readonly metrics: Metrics;
  /** For the retention of kind files; the databases have clocks of their own. */
  readonly clock?: Pick<Clock, 'now'>;
}

/** Opens the store that the configuration names, its tables up to date. Rejects with KYBERN_STORE. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const { config, metrics } = options;
  return trimmingStore(meteredStore(await openKind(options), metrics), config.textBytes, metrics);
}

async function openKind({ config, directory, metrics, clock }: OpenStoreOptions): Promise<Store> {
  if (config.kind === 'memory') return createMemoryStore(config);
  if (config.kind === 'files') {
    const { retentionDays, filesBytes } = config;
    return openFilesStore(join(directory, 'files'), {
      retentionDays,
      retentionBytes: filesBytes,
      ...(clock !== undefined && { clock }),
    });
  }
  const engine = await openEngine(config, directory);
  try {
    const quarantine = createQuarantine(join(directory, 'rejected.jsonl'), config.rejectedBytes, metrics);
    const cluster = config.kind === 'server' ? config.cluster : '';
    return await openClickHouseStore(engine, { ...config, cluster, quarantine });
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

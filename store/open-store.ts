import { join } from 'node:path';
import type { Clock, Metrics, Store } from '../model/index.ts';
import { type ClickHouseStoreOptions, openClickHouseStore } from './clickhouse/clickhouse-store.ts';
import type { Engine } from './clickhouse/connection.ts';
import { refusalOf } from './clickhouse/refusal.ts';
import { openServerEngine } from './clickhouse/server-engine.ts';
import type { StoreConfig } from './config.ts';
import { openFilesStore } from './files/files-store.ts';
import { createMemoryStore } from './memory/memory-store.ts';
import { meteredStore } from './metered-store.ts';
import { createQuarantine } from './quarantine.ts';
import { openNowOrLater } from './reopening-store.ts';
import { trimmingStore } from './trim/trimming-store.ts';

export interface OpenStoreOptions {
  readonly config: StoreConfig;
  /** Of the embedded engine's own; one a process. */
  readonly directory: string;
  readonly metrics: Metrics;
  /** For the retention of kind files; the databases have clocks of their own. */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * Opens the store that the configuration names, its tables up to date. A server that doesn't answer is opened later, when
 * it does. Rejects with KYBERN_STORE, or KYBERN_CONFIG where a file that it names can't be read.
 */
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
  const quarantine = createQuarantine(join(directory, 'rejected.jsonl'), config.rejectedBytes, metrics);
  if (config.kind === 'server') {
    const open = () => openOn(() => openServerEngine(config), { ...config, quarantine });
    return openNowOrLater(`clickhouse ${config.url}`, open, (error) => refusalOf(error) === 'away');
  }
  // Loaded when wanted only: the engine's library takes 150 MB of memory.
  const { openEmbeddedEngine } = await import('./clickhouse/embedded-engine.ts');
  const open = () => openEmbeddedEngine(directory, config.memoryLimitBytes);
  return openOn(open, { ...config, cluster: '', quarantine });
}

async function openOn(openEngine: () => Promise<Engine>, options: ClickHouseStoreOptions): Promise<Store> {
  const engine = await openEngine();
  try {
    return await openClickHouseStore(engine, options);
  } catch (error) {
    await engine.close().catch(() => {});
    throw error;
  }
}

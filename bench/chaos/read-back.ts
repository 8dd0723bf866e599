import { withDefaults } from '../../engine/index.ts';
import { noMetrics, type Store } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';

/** Opens a store to read all of it, on a machine that may be busy: no question is too long. */
export async function openForReading(
  directory: string,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<Store> {
  const patience = { timeoutSeconds: 300, queryTimeoutSeconds: 300 };
  const config = withDefaults(StoreConfig, { ...settings, ...patience }) as StoreConfig;
  return openStore({ config, directory, metrics: noMetrics });
}

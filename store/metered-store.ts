import type { Metrics, SignalBlock, Store } from '../model/index.ts';

/** Counts what is written and what fails. */
export function meteredStore(store: Store, metrics: Metrics): Store {
  const rows = metrics.counter('kybern_store_written_rows_total', 'Rows written to the store.', ['table']);
  const failures = metrics.counter('kybern_store_failures_total', 'Writes and upkeep that the store refused.', [
    'what',
  ]);

  async function counted(what: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      failures.add(1, { what });
      throw error;
    }
  }

  const { upkeep } = store;
  return {
    ...store,
    ...(upkeep !== undefined && { upkeep: () => counted('upkeep', upkeep) }),
    writeSignals: async (block: SignalBlock, token) => {
      await counted('signals', () => store.writeSignals(block, token));
      for (const table of ['samples', 'bands', 'logs', 'spans'] as const) {
        const count = block[table].reduce((sum, batch) => sum + batch.count, 0);
        if (count > 0) rows.add(count, { table });
      }
    },
    writeDecisions: async (decisions, token) => {
      await counted('decisions', () => store.writeDecisions(decisions, token));
      if (decisions.length > 0) rows.add(decisions.length, { table: 'decisions' });
    },
  };
}

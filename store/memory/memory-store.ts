import type { Store } from '../../model/index.ts';
import { createMemoryDocuments } from './memory-documents.ts';
import { createMemoryRecords } from './memory-records.ts';
import { createMemorySeries } from './memory-series.ts';

export interface MemoryStoreLimits {
  readonly memoryPointsPerSeries: number;
  readonly memoryRecords: number;
}

/** The store without a database, within bounds: for tests and small installations. Everything is gone at exit. */
export function createMemoryStore(limits: MemoryStoreLimits): Store {
  const series = createMemorySeries(limits.memoryPointsPerSeries);
  const records = createMemoryRecords(limits.memoryRecords);
  const { put, all: _, ...documents } = createMemoryDocuments(limits.memoryRecords);
  return {
    name: 'memory',
    // Everything is put by its identity, so a token adds nothing.
    writeSignals: async (block) => {
      const byId = series.define(block.definitions);
      for (const batch of block.samples) series.putSamples(batch, byId);
      for (const batch of block.bands) series.putBands(batch, byId);
      for (const batch of block.logs) records.putLogs(batch, byId);
      for (const batch of block.spans) records.putSpans(batch, byId);
    },
    writeDecisions: async (decisions) => put(decisions),
    ping: async () => {},
    close: async () => {},
    counts: async () => ({ ...series.counts(), ...records.counts() }),
    series: series.series,
    points: series.points,
    liveSeries: series.liveSeries,
    history: series.history,
    logs: records.logs,
    trace: records.trace,
    ...documents,
  };
}

import type { HistoryReader, HistorySeries } from '../../../../model/index.ts';

/** What a store has of the past of some series and streams, and of no others. */
export function historyOf(store: HistoryReader, isMeant: (series: HistorySeries) => boolean): HistoryReader {
  return {
    liveSeries: async (fromMs, toMs) => (await store.liveSeries(fromMs, toMs)).filter(isMeant),
    history: (query) => store.history(query),
    pastRecords: async (query) => store.pastRecords?.({ ...query, isMeant }),
  };
}

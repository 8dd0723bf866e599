const mebibyte = 1 << 20;

/** What a profile sets where nothing else does: dotted path to value. */
export const profiles: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  standard: {},
  // For one core and half a gigabyte: no ClickHouse in the process, small caches, room on disk for days, not months.
  edge: {
    'store.kind': 'files',
    'store.retentionDays': 7,
    'store.filesBytes': 512 * mebibyte,
    'store.batchBytes': mebibyte,
    'store.derivedBytes': 4 * mebibyte,
    'store.textBytes': 16_384,
    'log.segmentBytes': 8 * mebibyte,
    'log.retentionBytes': 128 * mebibyte,
    'log.cacheBytes': 2 * mebibyte,
    'ingest.limits.bodyBytes': 8 * mebibyte,
    'ingest.limits.compressedBytes': 4 * mebibyte,
    'ingest.limits.logBodyBytes': 16_384,
    'ingest.limits.series': 20_000,
    'ingest.limits.concurrentBytes': 32 * mebibyte,
    'analysis.checkpointSeconds': 60,
    // One core: a thread of its own would only cost memory.
    'detectors.thread': 'none',
  },
};

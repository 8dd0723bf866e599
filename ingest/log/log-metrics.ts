import type { Metrics } from '../../model/index.ts';

/** The log's own metrics. */
export function createLogMetrics(metrics: Metrics) {
  return {
    records: metrics.counter('kybern_log_appended_records_total', 'Records made durable.', ['topic']),
    bytes: metrics.counter('kybern_log_appended_bytes_total', 'Bytes made durable, headers included.', ['topic']),
    syncSeconds: metrics.histogram(
      'kybern_log_sync_seconds',
      'Time to write and sync one group of appends.',
      [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 2],
      ['topic'],
    ),
    failures: metrics.counter('kybern_log_failures_total', 'Groups of appends refused for a disk error.', ['topic']),
    tornTails: metrics.counter('kybern_log_torn_tails_total', 'Unfinished records cut off when opening.', ['topic']),
    corrupt: metrics.counter('kybern_log_corrupt_segments_total', 'Damaged segments set aside.', ['topic']),
    diskBytes: metrics.gauge('kybern_log_disk_bytes', 'Size of the segments on disk.', ['topic']),
    firstOffset: metrics.gauge('kybern_log_first_offset', 'Oldest offset still kept.', ['topic']),
  };
}

export type LogMetrics = ReturnType<typeof createLogMetrics>;

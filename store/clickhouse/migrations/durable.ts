/**
 * A part is on the disk before its insert is acknowledged, and before the parts it was merged from are deleted; so these
 * may go soon. The last inserts' tokens are remembered, so that one sent again changes nothing.
 */
export const durable =
  'fsync_after_insert = 1, fsync_part_directory = 1, min_compressed_bytes_to_fsync_after_merge = 1, ' +
  'old_parts_lifetime = 20, non_replicated_deduplication_window = 1000';

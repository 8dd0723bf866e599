/**
 * ClickHouse's server settings for a small place inside another process: few threads, small caches, a bounded memory.
 * What each does is in ClickHouse's "Server settings" reference; the figures are those that were measured best for the
 * whole process's resident memory at 5,000 samples a second.
 */
export function chdbSettings(memoryLimitBytes: number): string {
  const settings: Readonly<Record<string, number>> = {
    max_server_memory_usage: memoryLimitBytes,
    max_thread_pool_size: 48,
    max_thread_pool_free_size: 0,
    max_io_thread_pool_size: 2,
    max_io_thread_pool_free_size: 0,
    background_pool_size: 2,
    background_merges_mutations_concurrency_ratio: 1,
    background_move_pool_size: 1,
    background_fetches_pool_size: 1,
    background_common_pool_size: 2,
    background_schedule_pool_size: 2,
    background_message_broker_schedule_pool_size: 1,
    background_distributed_schedule_pool_size: 1,
    mark_cache_size: 8 << 20,
    primary_index_cache_size: 4 << 20,
    index_mark_cache_size: 1 << 20,
    uncompressed_cache_size: 0,
    index_uncompressed_cache_size: 0,
    query_condition_cache_size: 0,
    mmap_cache_size: 16,
    compiled_expression_cache_size: 0,
  };
  // The engine refuses pools of two threads unless merges may use the last of them.
  const mergeTree: Readonly<Record<string, number>> = {
    number_of_free_entries_in_pool_to_execute_mutation: 1,
    number_of_free_entries_in_pool_to_lower_max_size_of_merge: 1,
    number_of_free_entries_in_pool_to_execute_optimize_entire_partition: 1,
  };
  const xml = (values: Readonly<Record<string, number>>) =>
    Object.entries(values)
      .map(([name, value]) => `  <${name}>${value}</${name}>\n`)
      .join('');
  return `<clickhouse>\n${xml(settings)}  <merge_tree>\n${xml(mergeTree)}  </merge_tree>\n</clickhouse>\n`;
}

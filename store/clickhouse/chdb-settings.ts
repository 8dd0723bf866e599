/**
 * ClickHouse's server settings for a small place inside another process: few threads, small caches. What each does is in
 * ClickHouse's "Server settings" reference. There is no limit for the whole engine among them: its own count of what it
 * holds runs far ahead of what it takes (a megabyte a table), and at the limit it would refuse everything.
 */
export function chdbSettings(memoryLimitBytes: number): string {
  const settings: Readonly<Record<string, number>> = {
    merges_mutations_memory_usage_soft_limit: memoryLimitBytes,
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

/**
 * A statement for each connection: bounds on every later one, and no compilation of expressions, which costs more time
 * and memory than our short statements could win back.
 */
export function chdbLimits(memoryLimitBytes: number): string {
  const settings: Readonly<Record<string, number>> = {
    max_memory_usage: Math.trunc(memoryLimitBytes),
    max_threads: 2,
    max_insert_threads: 1,
    compile_expressions: 0,
    compile_aggregate_expressions: 0,
    compile_sort_description: 0,
  };
  const assignments = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  return `SET ${assignments.join(', ')}`;
}

const everyBytes = 8 << 20;

/**
 * Has the allocator of the engine in this process give its pages back after so much that was inserted: it keeps what inserts
 * and merges are done with, up to a hundred megabytes for a minute and more. Takes some milliseconds. An engine that refuses,
 * built with another allocator, is not asked again; what was inserted is inserted all the same.
 */
export function createPageReturn(
  command: (statement: string) => Promise<unknown>,
): (inserted: number) => Promise<void> {
  let kept = 0;
  return async (inserted) => {
    kept += inserted;
    if (kept < everyBytes) return;
    kept = 0;
    try {
      await command('SYSTEM JEMALLOC PURGE');
    } catch {
      kept = Number.NEGATIVE_INFINITY;
    }
  };
}

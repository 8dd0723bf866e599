/** Rows of numbers by time, each time once, the newest `limit` kept. */
export interface TimedColumns {
  readonly count: number;
  /** Inserts the row, or replaces the one of the same time. */
  put(timeMs: number, row: readonly number[]): void;
  time(index: number): number;
  value(column: number, index: number): number;
  /** First row at or after this time. */
  lowerBound(timeMs: number): number;
}

export function createTimedColumns(columnCount: number, limit: number): TimedColumns {
  let capacity = 64;
  let times = new Float64Array(capacity);
  let columns = Array.from({ length: columnCount }, () => new Float64Array(capacity));
  let start = 0;
  let end = 0;

  function lowerBound(timeMs: number): number {
    let low = start;
    let high = end;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (times[middle] < timeMs) low = middle + 1;
      else high = middle;
    }
    return low - start;
  }

  function put(timeMs: number, row: readonly number[]): void {
    const index = end > start && times[end - 1] < timeMs ? end : lowerBound(timeMs) + start;
    if (index === end || times[index] !== timeMs) {
      if (end - start >= limit) {
        if (index === start) return;
        start += 1;
      }
      if (end === capacity) {
        regrow(timeMs, row);
        return;
      }
      times.copyWithin(index + 1, index, end);
      for (const column of columns) column.copyWithin(index + 1, index, end);
      end += 1;
    }
    times[index] = timeMs;
    for (let i = 0; i < columnCount; i++) columns[i][index] = row[i];
  }

  /** Moves what is kept to the front of a buffer with room behind it. */
  function regrow(timeMs: number, row: readonly number[]): void {
    const kept = end - start;
    capacity = Math.max(64, kept * 2);
    const move = (from: Float64Array) => {
      const to = new Float64Array(capacity);
      to.set(from.subarray(start, end));
      return to;
    };
    times = move(times);
    columns = columns.map(move);
    start = 0;
    end = kept;
    put(timeMs, row);
  }

  return {
    get count() {
      return end - start;
    },
    put,
    time: (index) => times[start + index],
    value: (column, index) => columns[column][start + index],
    lowerBound,
  };
}

/** Requests of one closing window by target: counts, errors, durations, own time. Buffers are kept for the next one. */
export interface WindowTally {
  clear(): void;
  add(target: number, durationMs: number, selfMs: number, error: boolean): void;
  requests(target: number): number;
  errors(target: number): number;
  selfMs(target: number): number;
  /** 95th percentile of the durations, nearest rank, exact. NaN without requests. */
  p95(target: number): number;
}

interface Cell {
  durations: Float64Array;
  count: number;
  errors: number;
  selfMs: number;
}

export function createWindowTally(): WindowTally {
  const cells: Cell[] = [];

  function cell(target: number): Cell {
    while (cells.length <= target) cells.push({ durations: new Float64Array(16), count: 0, errors: 0, selfMs: 0 });
    return cells[target]!;
  }

  return {
    clear: () => {
      for (const each of cells) {
        each.count = 0;
        each.errors = 0;
        each.selfMs = 0;
      }
    },
    add: (target, durationMs, selfMs, error) => {
      const into = cell(target);
      if (into.count === into.durations.length) {
        const grown = new Float64Array(into.count * 2);
        grown.set(into.durations);
        into.durations = grown;
      }
      into.durations[into.count] = durationMs;
      into.count += 1;
      into.selfMs += selfMs;
      if (error) into.errors += 1;
    },
    requests: (target) => cells[target]?.count ?? 0,
    errors: (target) => cells[target]?.errors ?? 0,
    selfMs: (target) => cells[target]?.selfMs ?? 0,
    p95: (target) => {
      const { durations, count } = cell(target);
      if (count === 0) return Number.NaN;
      const sorted = durations.subarray(0, count).sort();
      return sorted[Math.ceil(count * 0.95) - 1]!;
    },
  };
}

/** A short history: points in time order, oldest dropped. Plain data, so that a checkpoint holds it as it is. */
export interface Ring {
  readonly capacity: number;
  readonly timesMs: number[];
  readonly values: number[];
}

export function createRing(capacity: number): Ring {
  return { capacity, timesMs: [], values: [] };
}

/** Points at or before the newest time and values that are not finite are left out. */
export function pushPoint(ring: Ring, timeMs: number, value: number): void {
  const { timesMs, values, capacity } = ring;
  if (!Number.isFinite(value) || (timesMs.length > 0 && timeMs <= timesMs[timesMs.length - 1])) return;
  timesMs.push(timeMs);
  values.push(value);
  if (timesMs.length > capacity) {
    timesMs.shift();
    values.shift();
  }
}

/** The points from a time on. */
export function pointsSince(ring: Ring, sinceMs: number): { readonly timesMs: number[]; readonly values: number[] } {
  const first = ring.timesMs.findIndex((timeMs) => timeMs >= sinceMs);
  if (first < 0) return { timesMs: [], values: [] };
  return { timesMs: ring.timesMs.slice(first), values: ring.values.slice(first) };
}

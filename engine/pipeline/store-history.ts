import type { History, RawPoints } from '../../detectors/lstm/fine-tune/index.ts';
import type { Clock, Store } from '../../model/index.ts';

/** Points that tell how often a series is sampled, and the first time in which they are looked for. */
const fewPoints = 20;
const firstLookMs = 1_800_000;
/** Most that are looked at for it. */
const mostPoints = 50_000;
/** Samples that come closer than this are taken to come so often. */
const shortestIntervalMs = 100;

/**
 * Whole stretches of series out of the store, which thins what is longer than asked for: how often a series is sampled is
 * found at its end, then so much time is asked for, in so small buckets, that none holds two samples.
 */
export function createStoreHistory(store: Pick<Store, 'points'>, clock: Pick<Clock, 'now'>): History {
  async function read(fingerprint: string, fromMs: number, toMs: number, most: number): Promise<RawPoints> {
    const [found] = await store.points({ fingerprint }, fromMs, toMs, most, 1);
    return {
      timesMs: Float64Array.from(found?.timesMs ?? []),
      values: Float64Array.from(found?.values ?? []),
    };
  }

  /** The end of a series, long enough to tell how often it is sampled. */
  async function endOf(fingerprint: string, fromMs: number, nowMs: number): Promise<RawPoints> {
    for (let lookMs = firstLookMs; ; lookMs *= 4) {
      const sinceMs = Math.max(fromMs, nowMs - lookMs);
      const most = Math.min(mostPoints, 2 * Math.ceil((nowMs - sinceMs) / shortestIntervalMs));
      const end = await read(fingerprint, sinceMs, nowMs, most);
      if (end.timesMs.length >= fewPoints || sinceMs === fromMs) return end;
    }
  }

  return {
    async points(fingerprint, fromMs, most) {
      const nowMs = clock.now();
      let found = await endOf(fingerprint, fromMs, nowMs);
      let interval = Number.POSITIVE_INFINITY;
      // What was thinned after all shows distances that are longer than they are.
      while (usualDistance(found.timesMs) < 0.7 * interval) {
        interval = usualDistance(found.timesMs);
        const sinceMs = Math.max(fromMs, found.timesMs.at(-1)! - most * interval);
        const buckets = 2 * Math.ceil((nowMs - sinceMs + 1) / interval);
        found = await read(fingerprint, sinceMs, nowMs, 2 * buckets);
      }
      return { timesMs: found.timesMs.slice(-most), values: found.values.slice(-most) };
    },
  };
}

/** What a tenth of the distances stay below: what came twice by mistake does not count. */
function usualDistance(timesMs: Float64Array): number {
  if (timesMs.length < 2) return Number.POSITIVE_INFINITY;
  const distances = timesMs.subarray(1).map((time, at) => time - timesMs[at]!);
  return Math.max(shortestIntervalMs, distances.sort()[Math.floor(distances.length / 10)]!);
}

import type { History, RawPoints } from '../../detectors/lstm/fine-tune/index.ts';
import type { Clock, Store } from '../../model/index.ts';

/** Points that tell how often a series is sampled, and the first time in which they are looked for. */
const fewPoints = 20;
const firstLookMs = 600_000;
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

  return {
    async points(fingerprint, fromMs, most) {
      const { timesMs } = await read(fingerprint, fromMs, clock.now(), fewPoints);
      const lastMs = timesMs.at(-1);
      if (lastMs === undefined) return empty;
      let lookMs = firstLookMs;
      let end = await look();
      while (end.timesMs.length < fewPoints && lastMs - lookMs > fromMs) {
        lookMs *= 4;
        end = await look();
      }
      const interval = Math.max(shortestIntervalMs, shortestDistance(end.timesMs));
      const sinceMs = Math.max(fromMs, lastMs - most * interval);
      const buckets = 2 * Math.ceil((lastMs - sinceMs + 1) / interval);
      const { timesMs: times, values } = await read(fingerprint, sinceMs, lastMs, 2 * buckets);
      return { timesMs: times.slice(-most), values: values.slice(-most) };

      function look(): Promise<RawPoints> {
        const sinceMs = Math.max(fromMs, lastMs! - lookMs);
        return read(fingerprint, sinceMs, lastMs!, 2 * Math.ceil(lookMs / shortestIntervalMs));
      }
    },
  };
}

const empty: RawPoints = { timesMs: new Float64Array(0), values: new Float64Array(0) };

/** The tenth-smallest part of the distances: what comes twice by mistake does not count. */
function shortestDistance(timesMs: Float64Array): number {
  if (timesMs.length < 2) return firstLookMs;
  const distances = timesMs.subarray(1).map((time, at) => time - timesMs[at]!);
  return distances.sort()[Math.floor(distances.length / 10)]!;
}

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
 * found at its end, then so much time is asked for, in so small buckets, that none holds two samples. Most series are
 * sampled as often as the one before: one question is then enough.
 */
export function createStoreHistory(store: Pick<Store, 'points'>, clock: Pick<Clock, 'now'>): History {
  let usualMs: number | undefined;

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

  /** Undefined where the guess does not fit: thinned, or short though there may be more. */
  async function guessed(fingerprint: string, fromMs: number, nowMs: number, most: number) {
    if (usualMs === undefined) return undefined;
    const sinceMs = Math.max(fromMs, nowMs - most * usualMs);
    const found = await read(fingerprint, sinceMs, nowMs, bucketsOf(nowMs - sinceMs, usualMs));
    if (found.timesMs.length < most && sinceMs > fromMs) return undefined;
    return usualDistance(found.timesMs) < nearly * usualMs ? undefined : found;
  }

  async function measured(fingerprint: string, fromMs: number, nowMs: number, most: number): Promise<RawPoints> {
    let found = await endOf(fingerprint, fromMs, nowMs);
    let interval = Number.POSITIVE_INFINITY;
    // What was thinned after all shows distances that are longer than they are.
    while (usualDistance(found.timesMs) < nearly * interval) {
      interval = usualDistance(found.timesMs);
      const sinceMs = Math.max(fromMs, found.timesMs.at(-1)! - most * interval);
      found = await read(fingerprint, sinceMs, nowMs, bucketsOf(nowMs - sinceMs, interval));
    }
    if (Number.isFinite(interval)) usualMs = interval;
    return found;
  }

  return {
    async points(fingerprint, fromMs, most) {
      const nowMs = clock.now();
      const found =
        (await guessed(fingerprint, fromMs, nowMs, most)) ?? (await measured(fingerprint, fromMs, nowMs, most));
      return { timesMs: found.timesMs.slice(-most), values: found.values.slice(-most) };
    },
  };
}

/** Distances that are shorter than this part of an interval are not that interval's. */
const nearly = 0.7;

/** Points to ask for such that each bucket of the store holds half an interval; it keeps two of each. */
function bucketsOf(lengthMs: number, intervalMs: number): number {
  return 4 * Math.ceil((lengthMs + 1) / intervalMs);
}

/** What a tenth of the distances stay below: what came twice by mistake does not count. */
function usualDistance(timesMs: Float64Array): number {
  if (timesMs.length < 2) return Number.POSITIVE_INFINITY;
  const distances = timesMs.subarray(1).map((time, at) => time - timesMs[at]!);
  return Math.max(shortestIntervalMs, distances.sort()[Math.floor(distances.length / 10)]!);
}

import type { History, RawPoints } from '../../detectors/lstm/fine-tune/index.ts';
import type { Clock, StoreReader } from '../../model/index.ts';

/** A first look tells how often a series is read. */
const lookMs = 3_600_000;
const lookPoints = 7_200;
/** Room left, since the store thins what would be more points than were asked for. */
const room = 0.9;
const attempts = 4;

/**
 * History from the store. The store answers at most so many points of a stretch of time, thinned where there are more, and
 * thinned points would teach a rhythm that the series does not have: so the stretch is chosen to hold fewer.
 */
export function createStoreHistory(store: Pick<StoreReader, 'points'>, clock: Clock): History {
  async function read(fingerprint: string, fromMs: number, untilMs: number, most: number): Promise<RawPoints> {
    const [found] = await store.points({ fingerprint }, fromMs, untilMs, most, 1);
    return { timesMs: Float64Array.from(found?.timesMs ?? []), values: Float64Array.from(found?.values ?? []) };
  }

  return {
    async points(fingerprint, fromMs, most) {
      const untilMs = clock.now();
      const latest = await read(fingerprint, Math.max(fromMs, untilMs - lookMs), untilMs, lookPoints);
      const intervalMs = usualInterval(latest.timesMs);
      // Nothing in the last hour: either it is read more seldom, or it has ended.
      let reachMs = Number.isNaN(intervalMs) ? untilMs - fromMs : room * most * intervalMs;
      for (let attempt = 0; attempt < attempts; attempt++) {
        const points = await read(fingerprint, Math.max(fromMs, untilMs - reachMs), untilMs, most);
        if (points.timesMs.length <= (0.5 + room / 2) * most) return points;
        reachMs = Math.min(reachMs, untilMs - fromMs) / 2;
      }
      return { timesMs: new Float64Array(0), values: new Float64Array(0) };
    },
  };
}

/** Median distance of neighbouring times; NaN where there are fewer than eight. */
function usualInterval(timesMs: Float64Array): number {
  if (timesMs.length < 8) return Number.NaN;
  const distances = Float64Array.from({ length: timesMs.length - 1 }, (_, at) => timesMs[at + 1] - timesMs[at]).sort();
  return distances[distances.length >> 1];
}

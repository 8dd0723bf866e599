import { theilSen } from '../forecast/theil-sen.ts';
import { pointsSince, type Ring } from '../observation/ring.ts';

/** Memory that grows, steadily and for long enough. */
export interface MemoryGrowth {
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly heldSeconds: number;
}

const leastPoints = 9;
/** Senders that tell seldom are looked at for longer, up to this many times the trend time. */
const longestWindows = 4;
/** Growth within the window must stand out from the scatter, and from the whole, by these. */
const leastOverSpread = 4;
const leastShareOfUsage = 0.03;
/** Both halves must grow, by this share of the whole's pace: a step is no trend. */
const leastShareInHalf = 0.3;

/**
 * A trend that has held for the whole window: the points cover it, both halves grow, and the robust line rises by
 * more than scatter explains. The window is the trend time, or as long as it takes to have points enough. Undefined where
 * there is no such trend (or where that cannot be told).
 */
export function memoryGrowth(memory: Ring, atMs: number, trendSeconds: number): MemoryGrowth | undefined {
  const sinceMs = Math.min(atMs - trendSeconds * 1000, memory.timesMs.at(-leastPoints) ?? Number.NaN);
  const windowSeconds = (atMs - sinceMs) / 1000;
  const first = memory.timesMs[0];
  if (!(windowSeconds <= longestWindows * trendSeconds) || first === undefined || first > sinceMs) return undefined;
  const { timesMs, values } = pointsSince(memory, sinceMs);
  if (!mayGrow(values)) return undefined;
  const line = theilSen(timesMs, values);
  if (line === undefined || line.perSecond <= 0) return undefined;
  const rise = line.perSecond * windowSeconds;
  if (rise < leastOverSpread * line.spread || rise < leastShareOfUsage * line.value) return undefined;
  const half = Math.floor(values.length / 2);
  const halves = [
    theilSen(timesMs.slice(0, half), values.slice(0, half)),
    theilSen(timesMs.slice(half), values.slice(half)),
  ];
  if (halves.some((part) => part === undefined || part.perSecond < leastShareInHalf * line.perSecond)) return undefined;
  return {
    bytes: Math.max(line.value, values[values.length - 1]),
    bytesPerSecond: line.perSecond,
    heldSeconds: windowSeconds,
  };
}

// Most pods don't grow: a look at the means of both halves spares them the line.
function mayGrow(values: readonly number[]): boolean {
  const half = Math.floor(values.length / 2);
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
  const [early, late] = [mean(values.slice(0, half)), mean(values.slice(half))];
  return late - early >= (leastShareOfUsage / 4) * early;
}

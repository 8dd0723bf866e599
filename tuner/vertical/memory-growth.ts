import { theilSen } from '../forecast/theil-sen.ts';
import { pointsSince, type Ring } from '../observation/ring.ts';

/** Memory that grows, steadily and for long enough. */
export interface MemoryGrowth {
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly heldSeconds: number;
}

const leastPoints = 9;
/** Growth within the window must stand out from the scatter, and from the whole, by these. */
const leastOverSpread = 4;
const leastShareOfUsage = 0.03;
/** Both halves must grow, by this share of the whole's pace: a step is no trend. */
const leastShareInHalf = 0.3;

/**
 * A trend that has held for the whole window: the points cover it, both halves grow, and the robust line rises by
 * more than scatter explains. Undefined where it doesn't (or where that cannot be told).
 */
export function memoryGrowth(memory: Ring, atMs: number, trendSeconds: number): MemoryGrowth | undefined {
  const { timesMs, values } = pointsSince(memory, atMs - trendSeconds * 1000);
  const first = memory.timesMs[0];
  if (timesMs.length < leastPoints || first === undefined || first > atMs - trendSeconds * 1000) return undefined;
  if (!mayGrow(values)) return undefined;
  const line = theilSen(timesMs, values);
  if (line === undefined || line.perSecond <= 0) return undefined;
  const rise = line.perSecond * trendSeconds;
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
    heldSeconds: trendSeconds,
  };
}

// Most pods don't grow: a look at the means of both halves spares them the line.
function mayGrow(values: readonly number[]): boolean {
  const half = Math.floor(values.length / 2);
  const mean = (part: readonly number[]) => part.reduce((sum, value) => sum + value, 0) / part.length;
  const [early, late] = [mean(values.slice(0, half)), mean(values.slice(half))];
  return late - early >= (leastShareOfUsage / 4) * early;
}

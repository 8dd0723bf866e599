import { median, theilSen } from '../forecast/theil-sen.ts';
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

/**
 * A trend that has held for the whole window: the points cover it, each third lies above the one before, and the robust
 * line rises by more than scatter explains. Undefined where it doesn't (or where that cannot be told).
 */
export function memoryGrowth(memory: Ring, atMs: number, trendSeconds: number): MemoryGrowth | undefined {
  const { timesMs, values } = pointsSince(memory, atMs - trendSeconds * 1000);
  const first = memory.timesMs[0];
  if (timesMs.length < leastPoints || first === undefined || first > atMs - trendSeconds * 1000) return undefined;
  const line = theilSen(timesMs, values);
  if (line === undefined || line.perSecond <= 0) return undefined;
  const rise = line.perSecond * trendSeconds;
  if (rise < leastOverSpread * line.spread || rise < leastShareOfUsage * line.value) return undefined;
  const third = Math.floor(values.length / 3);
  const thirds = [values.slice(0, third), values.slice(third, 2 * third), values.slice(2 * third)].map(median);
  if (!(thirds[0] < thirds[1] && thirds[1] < thirds[2])) return undefined;
  return {
    bytes: Math.max(line.value, values[values.length - 1]),
    bytesPerSecond: line.perSecond,
    heldSeconds: trendSeconds,
  };
}

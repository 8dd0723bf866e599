/** How fast something goes: by the processor's time and by the clock on the wall. */
export interface Rate {
  /** Units per second of this process's processor time: what one core does when nobody else wants it. */
  readonly perCpuSecond: number;
  readonly perSecond: number;
}

/**
 * The median of `trials` trials, each of `seconds`, after one that warms up. `work` does some units and returns how many.
 */
export async function measureRate(
  work: () => Promise<number> | number,
  { trials, seconds }: { readonly trials: number; readonly seconds: number },
): Promise<Rate> {
  await measureOnce(work, seconds / 2);
  const rates: Rate[] = [];
  for (let trial = 0; trial < trials; trial++) rates.push(await measureOnce(work, seconds));
  return {
    perCpuSecond: median(rates.map(({ perCpuSecond }) => perCpuSecond)),
    perSecond: median(rates.map(({ perSecond }) => perSecond)),
  };
}

async function measureOnce(work: () => Promise<number> | number, seconds: number): Promise<Rate> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  let units = 0;
  let elapsedMs = 0;
  do {
    units += await work();
    elapsedMs = performance.now() - startMs;
  } while (elapsedMs < seconds * 1000);
  const { user, system } = process.cpuUsage(cpu);
  return { perCpuSecond: (units * 1e6) / (user + system), perSecond: (units * 1000) / elapsedMs };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((left, right) => left - right);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

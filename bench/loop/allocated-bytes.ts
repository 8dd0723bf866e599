import { Session } from 'node:inspector/promises';

/** Mean distance of the heap profiler's samples in bytes: small against what a run allocates. */
const samplingInterval = 4096;

interface ProfileNode {
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

/**
 * Bytes that `work` allocates on V8's heap for each unit it says it did, garbage included, by the sampling heap profiler.
 * Memory of typed arrays is not on that heap: of the loop that is one batch of bands.
 */
export async function allocatedBytes(work: () => Promise<number>, calls: number): Promise<number> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  let units = 0;
  for (let call = 0; call < calls; call += 1) units += await work();
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return sizeOf(profile.head) / units;
}

function sizeOf({ selfSize, children }: ProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}

import { Session } from 'node:inspector/promises';

/** Mean distance of the heap profiler's samples in bytes: small against what a run allocates. */
const samplingInterval = 1024;

interface ProfileNode {
  readonly selfSize: number;
  readonly children: readonly ProfileNode[];
}

/** What a call allocates, garbage included. */
export interface Allocated {
  /** Bytes on V8's heap, by the sampling heap profiler. */
  readonly heapBytes: number;
  /** Bytes of typed arrays, which lie beside that heap: by how much they grew in the calls in which they did. */
  readonly arrayBytes: number;
}

/** Means over so many calls of `work`. */
export async function allocatedBytes(work: () => Promise<unknown>, calls: number): Promise<Allocated> {
  const session = new Session();
  session.connect();
  await session.post('HeapProfiler.startSampling', {
    samplingInterval,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  });
  let arrayBytes = 0;
  let before = process.memoryUsage().arrayBuffers;
  for (let call = 0; call < calls; call += 1) {
    await work();
    const after = process.memoryUsage().arrayBuffers;
    arrayBytes += Math.max(0, after - before);
    before = after;
  }
  const { profile } = await session.post('HeapProfiler.stopSampling');
  session.disconnect();
  return { heapBytes: sizeOf(profile.head) / calls, arrayBytes: arrayBytes / calls };
}

function sizeOf({ selfSize, children }: ProfileNode): number {
  return children.reduce((sum, child) => sum + sizeOf(child), selfSize);
}

import type { Heap } from '../pipeline/keep-heap-small.ts';

/** Of the main thread. Nothing is collected where V8 was not told to let us (`--expose-gc`). */
export const processHeap: Heap = {
  used() {
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  },
  collect: () => globalThis.gc?.(),
};

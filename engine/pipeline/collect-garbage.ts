/**
 * Collects what is garbage by now, where it may be much: to be called when there is time for it. By itself V8 lets a heap
 * and the columns outside it double before it looks, which after a burst or a large checkpoint is a hundred megabytes that
 * stay for as long as nothing more comes.
 */
export function createGarbageCollection(heap: {
  /** Bytes of the heap and of what it refers to outside. */
  readonly used: () => number;
  readonly collect: () => void;
}): () => void {
  let kept = Number.NaN;
  return () => {
    if (Number.isNaN(kept)) kept = heap.used();
    if (heap.used() - kept < Math.max(leastBytes, leastShare * kept)) return;
    heap.collect();
    kept = heap.used();
  };
}

/** Less is not worth the pause, some milliseconds for each ten megabytes that stay. */
const leastBytes = 64 << 20;
const leastShare = 0.15;

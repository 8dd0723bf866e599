import type { Clock } from '../../model/index.ts';

/** The heap of a process. */
export interface Heap {
  /** Bytes of it and of what it refers to outside. */
  readonly used: () => number;
  readonly collect: () => void;
}

const lookEveryMs = 5000;
/** A pause is some milliseconds for each ten megabytes that stay: seldom enough for it to be no percentile's business. */
const restMs = 30_000;
/** Less is not worth a pause of the main thread. */
const leastBytes = 64 << 20;
const leastShare = 0.15;

/**
 * Collects what is garbage by now, where it may be much, until `signal` aborts. By itself V8 lets a heap and the columns
 * outside it double before it looks, which after a burst or a large checkpoint is a hundred megabytes that stay for as long
 * as nothing more comes.
 */
export async function keepHeapSmall(
  heap: Heap,
  clock: Pick<Clock, 'sleep'>,
  signal: AbortSignal,
  worthBytes: number = leastBytes,
): Promise<void> {
  let kept = heap.used();
  let waitMs = lookEveryMs;
  while (await clock.sleep(waitMs, signal)) {
    waitMs = lookEveryMs;
    if (heap.used() - kept < Math.max(worthBytes, leastShare * kept)) continue;
    heap.collect();
    kept = heap.used();
    waitMs = restMs;
  }
}

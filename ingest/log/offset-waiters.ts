export interface OffsetWaiters {
  /** Resolves true once {@link OffsetWaiters.reached} passes this offset, false when the signal aborts or at the end. */
  wait(offset: number, signal: AbortSignal): Promise<boolean>;
  /** Every offset below this one is durable. */
  reached(nextOffset: number): void;
  /** Nothing more will come. */
  end(): void;
}

/** Those who wait for a record to come. */
export function createOffsetWaiters(): OffsetWaiters {
  const waiting = new Set<{ readonly offset: number; readonly settle: (arrived: boolean) => void }>();

  function wait(offset: number, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = () => settle(false);
      const settle = (arrived: boolean) => {
        waiting.delete(waiter);
        signal.removeEventListener('abort', onAbort);
        resolve(arrived);
      };
      const waiter = { offset, settle };
      signal.addEventListener('abort', onAbort);
      waiting.add(waiter);
    });
  }

  function reached(nextOffset: number): void {
    for (const waiter of [...waiting]) if (waiter.offset < nextOffset) waiter.settle(true);
  }

  function end(): void {
    for (const waiter of [...waiting]) waiter.settle(false);
  }

  return { wait, reached, end };
}

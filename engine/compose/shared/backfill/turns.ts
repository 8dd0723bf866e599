import type { Clock } from '../../../../model/index.ts';

/** Partitions that have work to do which takes all there is of the machine: one after the other, in a time that they share. */
export interface Turns {
  /**
   * Waits for its turn, then works: `mostMs` is what is left of the time, shared by those that still wait, and never less than
   * each was promised. Undefined where the signal aborts before that.
   */
  take<T>(signal: AbortSignal, work: (mostMs: number) => Promise<T>): Promise<T | undefined>;
}

/** The time begins with the first that comes, and anew once none is left. */
export function createTurns(
  clock: Pick<Clock, 'now'>,
  { togetherMs, leastMs }: { readonly togetherMs: number; readonly leastMs: number },
): Turns {
  let left = 0;
  let endMs = 0;
  let last: Promise<unknown> = Promise.resolve();

  return {
    take(signal, work) {
      if (left === 0) endMs = clock.now() + togetherMs;
      left += 1;
      const mine = last
        .then(async () => (signal.aborted ? undefined : work(Math.max(leastMs, (endMs - clock.now()) / left))))
        .finally(() => {
          left -= 1;
        });
      last = mine.catch(() => {});
      return mine;
    },
  };
}

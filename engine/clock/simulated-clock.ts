import type { Clock } from '../../model/index.ts';

export interface SimulatedClock extends Clock {
  /** Moves time on to this moment, waking sleepers in order. Time never goes back. */
  advanceTo(epochMs: number): void;
}

interface Sleeper {
  readonly atMs: number;
  readonly wake: (slept: boolean) => void;
}

/** A clock that stands still until told: replays and the demo story in tests run on it. */
export function createSimulatedClock(startMs: number): SimulatedClock {
  let now = startMs;
  const sleepers: Sleeper[] = [];

  return {
    now: () => now,
    sleep(milliseconds, signal) {
      if (signal?.aborted === true) return Promise.resolve(false);
      return new Promise((resolve) => {
        const sleeper: Sleeper = { atMs: now + milliseconds, wake: resolve };
        sleepers.push(sleeper);
        sleepers.sort((a, b) => a.atMs - b.atMs);
        signal?.addEventListener(
          'abort',
          () => {
            const index = sleepers.indexOf(sleeper);
            if (index >= 0) sleepers.splice(index, 1);
            resolve(false);
          },
          { once: true },
        );
      });
    },
    advanceTo(epochMs) {
      while (sleepers.length > 0 && sleepers[0].atMs <= epochMs) {
        const sleeper = sleepers.shift() as Sleeper;
        now = Math.max(now, sleeper.atMs);
        sleeper.wake(true);
      }
      now = Math.max(now, epochMs);
    },
  };
}

export interface CheckpointPace {
  /** Whether to save now. `behind`: whether more of the log waits to be analysed. */
  isDue(nowMs: number, behind: boolean): boolean;
  /** A save was begun, which took the analysis' time between these moments. */
  began(fromMs: number, toMs: number): void;
}

/** Of the analysis' time, at most this share goes into saving: while it catches up, and once samples are fresh and wait for it. */
const mostShare = 0.1;
const mostShareFresh = 0.005;
/** A restart is not to take long for it: with fresh samples it is saved this often all the same. */
const longestMs = 60_000;
const whileCatchingUpMs = 2000;

/**
 * When the analysis saves its state: after each `everyMs`, and more often while it catches up after a start, and once it
 * has. A program that is killed again and again would otherwise never live long enough to save, and would read more of
 * the log again each time.
 */
export function createCheckpointPace(everyMs: number, startedMs: number): CheckpointPace {
  let lastMs = startedMs;
  let tookMs = 0;
  let catchingUp = true;
  return {
    isDue(nowMs, behind) {
      const caughtUp = catchingUp && !behind;
      if (caughtUp) catchingUp = false;
      const usualMs = catchingUp ? Math.min(everyMs, whileCatchingUpMs) : everyMs;
      const leastMs = catchingUp ? 0 : Math.min(tookMs / mostShareFresh, longestMs);
      return caughtUp || nowMs - lastMs >= Math.max(usualMs, leastMs, tookMs / mostShare);
    },
    began(fromMs, toMs) {
      lastMs = toMs;
      tookMs = toMs - fromMs;
    },
  };
}

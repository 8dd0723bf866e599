/** How long a refused sender is asked to wait. */
export interface RetryAdvice {
  /** Whole seconds, told that something was refused now. */
  seconds(nowMs: number): number;
}

const longestSeconds = 30;
/** Refusals further apart than this are not the same trouble. */
const calmMs = 10_000;

/**
 * Grows with how long refusals have gone on, from 1 to 30 s, and is spread by a third either way, so that senders don't
 * come back all at once.
 */
export function createRetryAdvice(random: () => number): RetryAdvice {
  let sinceMs = 0;
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    seconds(nowMs) {
      if (nowMs - lastMs > calmMs) sinceMs = nowMs;
      lastMs = nowMs;
      const wanted = Math.min(longestSeconds, 2 + (nowMs - sinceMs) / 2000);
      return Math.max(1, Math.min(longestSeconds, Math.round(wanted * (0.67 + 0.66 * random()))));
    },
  };
}

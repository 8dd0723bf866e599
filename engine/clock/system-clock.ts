import type { Clock } from '../../model/index.ts';

/** The machine's clock: the only place where wall time enters. */
export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: (milliseconds, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve(false);
        return;
      }
      const abort = () => {
        clearTimeout(timer);
        resolve(false);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve(true);
      }, milliseconds);
      signal?.addEventListener('abort', abort, { once: true });
    }),
};

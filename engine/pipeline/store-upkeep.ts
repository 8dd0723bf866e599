import { type Clock, KybernError, type Store } from '../../model/index.ts';

const everyMs = 60_000;

/** Lets the store do what is due (rollups, retention) every minute; while it is away, the next minute. */
export async function keepStoreUp(store: Store, clock: Clock, signal: AbortSignal): Promise<void> {
  while (await clock.sleep(everyMs, signal)) {
    try {
      await store.upkeep?.();
    } catch (error) {
      if (!(error instanceof KybernError)) throw error;
    }
  }
}

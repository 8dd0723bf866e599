import type { LogConsumer } from '../../../pipeline/log-consumer.ts';
import type { WarmUp } from '../../../pipeline/warm-up.ts';

/** Takes a partition from the log once what is to be learnt before that has been. */
export type WarmConsumer = Pick<LogConsumer, 'run' | 'checkpoint'>;

/**
 * `run` may be stopped and begun again, as it is whenever partitions are shared out anew: learning goes on meanwhile, until
 * `closed`. Nothing is saved before it is done: a new owner would take what is known by then for all there is.
 */
export function createWarmConsumer(deps: {
  readonly consumer: WarmConsumer;
  readonly warmUp: Pick<WarmUp, 'run'>;
  /** There is a state to go on from. */
  readonly isWarm: boolean;
  readonly closed: AbortSignal;
}): WarmConsumer {
  const { consumer, closed } = deps;
  let { isWarm } = deps;
  let warming: Promise<void> | undefined;

  async function warm(): Promise<void> {
    try {
      await deps.warmUp.run(closed);
      isWarm = !closed.aborted;
    } catch (error) {
      warming = undefined;
      throw error;
    }
  }

  return {
    async run(signal) {
      if (!isWarm) {
        warming ??= warm();
        // Where nobody waits for it any more, it is begun again by whoever runs this next.
        warming.catch(() => {});
        await Promise.race([warming, aborted(signal)]);
      }
      if (isWarm && !signal.aborted) await consumer.run(signal);
    },
    checkpoint: async () => (isWarm ? consumer.checkpoint() : undefined),
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

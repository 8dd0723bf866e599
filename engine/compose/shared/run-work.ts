import { type Clock, KybernError } from '../../../model/index.ts';

/** What a process does for a partition while it owns it. */
export interface Work {
  /** Each runs until its signal aborts, and can be run again. */
  readonly loops: readonly ((signal: AbortSignal) => Promise<void>)[];
  /** Not while the loops run. */
  checkpoint(): Promise<void>;
  /** Nothing is written from now on. */
  close(): void;
}

export interface RunningWork<T extends Work> {
  readonly work: T;
  start(): void;
  /** Resolves when all loops have ended. */
  stop(): Promise<void>;
}

const retryMs = 500;

/** Runs the loops; one that a part which is away ended is begun again. `failed` is told of a defect. */
export function runWork<T extends Work>(
  work: T,
  deps: { readonly clock: Clock; readonly failed: (error: unknown) => void },
): RunningWork<T> {
  let running: { readonly stop: AbortController; readonly ended: Promise<unknown> } | undefined;

  async function persist(loop: Work['loops'][number], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await loop(signal);
        return;
      } catch (error) {
        if (!(error instanceof KybernError)) {
          deps.failed(error);
          return;
        }
        await deps.clock.sleep(retryMs, signal);
      }
    }
  }

  let isWanted = false;

  function begin(): void {
    const stop = new AbortController();
    const ended = Promise.all(work.loops.map((loop) => persist(loop, stop.signal))).then(() => {
      running = undefined;
      // Started again while it was still ending.
      if (isWanted && stop.signal.aborted) begin();
    });
    running = { stop, ended };
  }

  return {
    work,
    start() {
      isWanted = true;
      if (running === undefined) begin();
    },
    async stop() {
      isWanted = false;
      running?.stop.abort();
      await running?.ended;
    },
  };
}

import type { Clock } from '../../../model/index.ts';

/** Keeps the work of a thread within its share of a core. */
export interface CpuPace {
  /**
   * Resolves once the processor time used since the last rest is no more than the share of the time gone by since then.
   * False where the signal aborted.
   */
  rest(cpuMs: number, signal: AbortSignal): Promise<boolean>;
  /** Measured: processor time over time, since the pace began; 0 before the first rest. */
  readonly share: number;
}

/** `share` of one core, above 0; `rest` is told processor time in total. */
export function createCpuPace(share: number, clock: Clock): CpuPace {
  const begunMs = clock.now();
  let restedMs = begunMs;
  let paidMs = 0;
  let measured = 0;
  return {
    async rest(cpuMs, signal) {
      const dueMs = restedMs + (cpuMs - paidMs) / share;
      const waitMs = dueMs - clock.now();
      const goesOn = waitMs > 0 ? await clock.sleep(waitMs, signal) : !signal.aborted;
      paidMs = cpuMs;
      // Time that was not used gives no right to use more later.
      restedMs = clock.now();
      measured = restedMs > begunMs ? cpuMs / (restedMs - begunMs) : measured;
      return goesOn;
    },
    get share() {
      return measured;
    },
  };
}

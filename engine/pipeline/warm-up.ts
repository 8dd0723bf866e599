import { type Detectors, KybernError, type LogBatch, type SampleBatch, type SpanBatch } from '../../model/index.ts';
import type { StoreBackfill } from './store-backfill.ts';

/** What detectors without a state learn before they take anything from the log. */
export interface WarmUp {
  /** Resolves once the past has been learnt, where there is any way to, or the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** While it is so nothing may be saved: half of the past would be taken for all of it. */
  readonly isHalfTaught: boolean;
}

export interface WarmUpDeps {
  readonly detectors: Detectors;
  /** Absent where nothing is to be learnt. */
  readonly backfill?: Pick<StoreBackfill, 'run'> | undefined;
  /** When the first record of the log was received; undefined while there is none. */
  readonly firstReceivedMs: () => Promise<number | undefined>;
  readonly now: () => number;
  /** The past ends here: what operators decided counts for it too. */
  readonly begin: (untilMs: number) => void;
  /** Nothing else is done with the detectors meanwhile. */
  readonly inTurn: <T>(work: () => Promise<T>) => Promise<T>;
  readonly checkpoint: () => Promise<void>;
}

/** The past up to where the log begins: what is in the log is analysed from there. */
export function createWarmUp(deps: WarmUpDeps): WarmUp {
  const { detectors, backfill, inTurn } = deps;
  let isHalfTaught = false;

  return {
    async run(signal) {
      const { learnHistory, learnRecords, endHistory } = detectors;
      if (learnHistory === undefined || endHistory === undefined || backfill === undefined) return;
      const untilMs = (await deps.firstReceivedMs()) ?? deps.now();
      deps.begin(untilMs);
      const pupil = {
        learnHistory: (batch: SampleBatch) => inTurn(() => learnHistory(batch)),
        ...(learnRecords !== undefined && {
          learnRecords: (batch: LogBatch | SpanBatch, isWhole: boolean) => inTurn(() => learnRecords(batch, isWhole)),
        }),
        endHistory: (endMs: number) => inTurn(() => endHistory(endMs)),
      };
      isHalfTaught = true;
      isHalfTaught = !(await backfill.run(pupil, untilMs, signal));
      if (!isHalfTaught) await deps.checkpoint().catch(ignoreAway);
    },
    get isHalfTaught() {
      return isHalfTaught;
    },
  };
}

/** The state is saved again soon. */
function ignoreAway(error: unknown): void {
  if (!(error instanceof KybernError)) throw error;
}

import type { HeldOutErrors, TrainedOn } from '../../../model/index.ts';
import type { TrainingOutcome, TrainingProgress } from './fine-tune.ts';
import type { RawSeries } from './history.ts';
import type { TrainingJob } from './training-folder.ts';

/** What the training thread is started with. */
export type TrainingThreadData =
  | {
      readonly task: 'train';
      readonly job: TrainingJob;
      readonly folder: string;
      readonly servingPath: string;
      readonly shippedPath: string;
      readonly backend: 'any' | 'wasm';
      readonly nice: number;
    }
  | {
      readonly task: 'judge';
      readonly series: readonly RawSeries[];
      readonly candidatePath: string;
      readonly servingPath: string;
      readonly nice: number;
    };

export type JudgeOutcome =
  | { readonly outcome: 'judged'; readonly heldOut: HeldOutErrors; readonly trainedOn: TrainedOn }
  | { readonly outcome: 'nothing'; readonly reason: string };

/** `cpuMs` is the processor time of the thread since it began. */
export type TrainingMessage =
  | { readonly message: 'turn'; readonly progress: TrainingProgress | undefined; readonly cpuMs: number }
  | { readonly message: 'done'; readonly outcome: TrainingOutcome | JudgeOutcome; readonly cpuMs: number }
  | { readonly message: 'failed'; readonly code: string; readonly detail: string };

/** The answer to a turn. */
export const goOn = 'go on';

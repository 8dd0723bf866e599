export { createFineTuner, type FineTuner, type FineTunerConfig, type FineTunerDeps } from './create-fine-tuner.ts';
export type { History, RawPoints } from './history.ts';

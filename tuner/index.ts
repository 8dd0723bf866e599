export { TunerConfig } from './config.ts';
export { createTuner, type TunerDeps } from './create-tuner.ts';

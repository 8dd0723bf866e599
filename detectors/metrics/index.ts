export type { VerdictObserver } from './batch-scoring.ts';
export { type LookAgainOptions, lookAgain, type SecondLook } from './look-again.ts';
export { createMetricDetector, type MetricDetector, type Spill } from './metric-detector.ts';
export { settledChanges } from './model-slots.ts';
export type { ClassModel, StepModel } from './network-lanes.ts';
export { createOperatorRules, type OperatorRules } from './operator-rules.ts';
export {
  createPoint,
  kindCode,
  kindGauge,
  kindIncrease,
  noteTime,
  type Point,
  type ReadingColumns,
  readValue,
} from './sample-value.ts';
export { seriesStateOf } from './series-state.ts';
export { createSignalProfiles, type SignalProfiles } from './signal-rules.ts';
export { viewFlat, viewForecast, viewLevel, viewSeason, viewStep, viewTrend } from './verdict.ts';

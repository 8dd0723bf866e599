export { createMetricDetector, type StepModel } from './metric-detector.ts';
export { kindCode, noteTime, type ReadingColumns, sampleValue } from './sample-value.ts';
export { settledChanges } from './scorer.ts';

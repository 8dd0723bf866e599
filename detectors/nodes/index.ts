export { NodesConfig } from './config.ts';
export { exhaustionFeatures } from './exhaustion.ts';
export { exhaustionWeights, healthWeights } from './failure-odds.ts';
export { createNodeDetector, type ForecastReadings, type NodeDetector } from './node-detector.ts';
export { healthFeatures } from './node-health.ts';
export type { LookProbe } from './outlook.ts';

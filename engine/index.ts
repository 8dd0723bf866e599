export { createSimulatedClock, type SimulatedClock } from './clock/simulated-clock.ts';
export { systemClock } from './clock/system-clock.ts';
export { createEngine, type Engine, type EngineDeps } from './compose/create-engine.ts';
export { KybernConfig } from './config/kybern-config.ts';
export { withDefaults } from './config/load-config.ts';
export { createLogger } from './logger.ts';
export { createPrometheusMetrics } from './metrics/prometheus-metrics.ts';
export { readDecisions } from './pipeline/decision-recorder.ts';
export { createStoreBackfill } from './pipeline/store-backfill.ts';

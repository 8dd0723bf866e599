import { noMetrics, type SeriesCatalog } from '../../model/index.ts';
import type { MetricsConfig } from '../config.ts';
import { createMetricDetector, type MetricDetector, type StepModel, type VerdictObserver } from '../metrics/index.ts';
import { defaultConfig } from './workbench.ts';

/** The product's detector of metric series by itself, watched: for benchmarks. */
export function createMetricWorkbench(options: {
  readonly catalog: SeriesCatalog;
  readonly model: StepModel;
  readonly config?: MetricsConfig;
  readonly onVerdict: VerdictObserver;
}): MetricDetector {
  const { catalog, model, onVerdict } = options;
  const config = options.config ?? defaultConfig().metrics;
  return createMetricDetector({ catalog, model, metrics: noMetrics, config, remark: () => '', onVerdict });
}

import { Value } from 'typebox/value';
import { noMetrics, type SeriesCatalog, type Slo } from '../../model/index.ts';
import { createDetectors, DetectorsConfig, type LocalDetectors, type StepModel } from '../index.ts';
import { createLastValueModel } from './last-value-model.ts';
import { createMemoryCatalog } from './memory-catalog.ts';

/** The default settings, as the engine would parse an empty section. */
export function defaultConfig(): DetectorsConfig {
  return Value.Parse(DetectorsConfig, Value.Default(DetectorsConfig, {}));
}

export interface Workbench {
  readonly catalog: SeriesCatalog;
  readonly detectors: LocalDetectors;
}

/** Detectors on a catalogue in memory. */
export function createWorkbench(
  options: {
    readonly model?: StepModel;
    readonly slos?: readonly Slo[];
    readonly catalog?: SeriesCatalog;
    readonly config?: DetectorsConfig;
  } = {},
): Workbench {
  const catalog = options.catalog ?? createMemoryCatalog();
  const detectors = createDetectors({
    catalog,
    model: options.model ?? createLastValueModel(),
    metrics: noMetrics,
    config: options.config ?? defaultConfig(),
    slos: options.slos ?? [],
  });
  return { catalog, detectors };
}

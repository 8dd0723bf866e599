import { createDetectors, createIdleDetectors } from '../../detectors/index.ts';
import { loadForecastModel, loadThreadedForecastModel, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import type { Detectors, Metrics, SeriesCatalog, Slo } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

export type NewDetectors = (deps: {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly slos: readonly Slo[];
}) => Detectors;

/** Detectors as the configuration wants them, around one network, in this thread or one of its own. Rejects with KYBERN_MODEL. */
export async function openDetectors(config: KybernConfig['detectors'], lifecycle: Lifecycle): Promise<NewDetectors> {
  if (!config.enabled) return createIdleDetectors;
  const load = config.modelThread ? loadThreadedForecastModel : loadForecastModel;
  const model = await load({ path: config.modelPath || shippedForecastModelPath, threads: 1 });
  lifecycle.onClose('model', () => model.close());
  return (deps) => createDetectors({ ...deps, model, config });
}

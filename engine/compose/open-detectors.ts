import { createDetectors, createIdleDetectors, type DetectorsDeps } from '../../detectors/index.ts';
import {
  createModelHost,
  type ModelHost,
  openModelThread,
  shippedForecastModelPath,
} from '../../detectors/lstm/index.ts';
import type { Detectors, Metrics, SeriesCatalog, Slo } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';

export type NewDetectors = (deps: {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly slos: readonly Slo[];
  readonly spill?: NonNullable<DetectorsDeps['spill']>;
}) => Detectors;

type Settings = KybernConfig['detectors'];

/**
 * Detectors as the configuration wants them, around one network, in this thread or one of its own: each with states of
 * its own. Rejects with KYBERN_MODEL.
 */
export async function openDetectors(config: Settings, lifecycle: Lifecycle): Promise<NewDetectors> {
  if (!config.enabled) return createIdleDetectors;
  const host = openHost(config, lifecycle);
  const sha256 = await host.prepare(modelPathOf(config));
  return (deps) => {
    const model = host.open(sha256);
    return { ...createDetectors({ ...deps, model, config }), close: () => void model.close() };
  };
}

export function openHost(config: Settings, lifecycle: Lifecycle): ModelHost {
  const host = config.modelThread ? openModelThread(1) : createModelHost(1);
  lifecycle.onClose('models', () => host.close());
  return host;
}

/** The file that is shipped, or that the configuration names instead. */
export function modelPathOf(config: Settings): string {
  return config.modelPath || shippedForecastModelPath;
}

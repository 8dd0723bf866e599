import type { DetectorsDeps } from '../../detectors/index.ts';
import {
  createModelHost,
  type HostOptions,
  type ModelHost,
  openModelThread,
  shippedForecastModelPath,
} from '../../detectors/lstm/index.ts';
import type { Detectors, Metrics, SeriesCatalog, Slo } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { EngineLogger } from './engine-logger.ts';
import { createOpenedTeller } from './opened-networks.ts';

export type NewDetectors = (deps: {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly slos: readonly Slo[];
  readonly spill?: NonNullable<DetectorsDeps['spill']>;
}) => Detectors;

type Settings = KybernConfig['detectors'];

export interface HostDeps {
  readonly lifecycle: Lifecycle;
  readonly logger: EngineLogger;
  readonly metrics: Metrics;
}

export function openHost(config: Settings, { lifecycle, logger, metrics }: HostDeps): ModelHost {
  const options: HostOptions = { precision: config.models.precision, opened: createOpenedTeller(logger, metrics) };
  const host = config.modelThread ? openModelThread(1, options) : createModelHost(1, options);
  lifecycle.onClose('models', () => host.close());
  return host;
}

/** The file that is shipped, or that the configuration names instead. */
export function modelPathOf(config: Settings): string {
  return config.modelPath || shippedForecastModelPath;
}

import { availableParallelism } from 'node:os';
import type { DetectorsDeps } from '../../detectors/index.ts';
import { openModelThread, shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import type { Detectors, Metrics, SeriesCatalog, Slo } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { DetectorHost } from '../detector-thread/detector-host.ts';
import { createLocalDetectorHost } from '../detector-thread/local-detector-host.ts';
import { openDetectorThread } from '../detector-thread/open-detector-thread.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { EngineLogger } from './engine-logger.ts';
import { createOpenedTeller } from './opened-networks.ts';

export type NewDetectors = (deps: {
  readonly catalog: SeriesCatalog;
  readonly metrics: Metrics;
  readonly slos: readonly Slo[];
  readonly spill?: NonNullable<DetectorsDeps['spill']>;
  readonly isOneOfMany?: boolean;
}) => Detectors;

type Settings = KybernConfig['detectors'];

/** Of so many the doors, the loop and the network have one each. */
const processorsForAll = 4;

export interface HostDeps {
  readonly lifecycle: Lifecycle;
  readonly logger: EngineLogger;
  readonly metrics: Metrics;
}

export function openHost(config: Settings, { lifecycle, logger, metrics }: HostDeps): DetectorHost {
  const opened = createOpenedTeller(logger, metrics);

  function open(): DetectorHost {
    switch (placeOf(config)) {
      case 'none':
        return createLocalDetectorHost(config, opened);
      case 'network':
        return createLocalDetectorHost(config, opened, openModelThread);
      case 'all':
        return openDetectorThread(config, opened, metrics);
    }
  }

  const host = open();
  lifecycle.onClose('detectors', () => host.close());
  return host;
}

function placeOf({ thread }: Settings): Exclude<Settings['thread'], 'auto'> {
  if (thread !== 'auto') return thread;
  return availableParallelism() >= processorsForAll ? 'all' : 'network';
}

/** The file that is shipped, or that the configuration names instead. */
export function modelPathOf(config: Settings): string {
  return config.modelPath || shippedForecastModelPath;
}

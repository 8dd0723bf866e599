import { createCalendar } from '../../detectors/index.ts';
import { createFineTuner, type FineTuner, type FineTunerDeps } from '../../detectors/lstm/fine-tune/index.ts';
import { createSignalProfiles } from '../../detectors/metrics/index.ts';
import type { Clock, Metrics, SeriesCatalog, Store } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import { createStoreHistory } from '../pipeline/store-history.ts';
import type { EngineLogger } from './engine-logger.ts';

/** Fine-tuning on the history that the store has of the series of a catalogue. */
export function newTrainer(deps: {
  readonly config: KybernConfig['detectors'];
  readonly versions: FineTunerDeps['versions'];
  readonly directory: string;
  readonly store: Store;
  readonly catalog: SeriesCatalog;
  readonly catchUp?: FineTunerDeps['catchUp'];
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
}): FineTuner {
  const { config, versions, directory, catalog, catchUp, clock, metrics, logger } = deps;
  return createFineTuner(
    {
      ...{ versions, clock, metrics, directory, catalog, log: logger },
      ...(catchUp === undefined ? {} : { catchUp }),
      history: createStoreHistory(deps.store, clock),
      profiles: createSignalProfiles(config.metrics),
      zone: createCalendar(config.calendar),
    },
    config.models,
  );
}

import { join } from 'node:path';
import { createIdleDetectors } from '../../../../detectors/index.ts';
import type { FineTuner } from '../../../../detectors/lstm/fine-tune/index.ts';
import { createModelClasses } from '../../../../detectors/lstm/index.ts';
import { type ModelVersions, openModelVersions } from '../../../../detectors/lstm/versions/index.ts';
import type { KafkaLog } from '../../../../ingest/log/index.ts';
import {
  type Clock,
  KybernError,
  type Metrics,
  type ModelDesk,
  type PartStanding,
  type SeriesCatalog,
  type Store,
} from '../../../../model/index.ts';
import type { KybernConfig } from '../../../config/kybern-config.ts';
import type { Lifecycle } from '../../../lifecycle/lifecycle.ts';
import type { EngineLogger } from '../../engine-logger.ts';
import { newTrainer } from '../../new-trainer.ts';
import { modelPathOf, type NewDetectors, openHost } from '../../open-detectors.ts';
import { prepareTrainingEnvironment } from '../../training-environment.ts';
import { createModelUpkeep } from './model-upkeep.ts';
import { openGroupModels } from './open-group-models.ts';
import { createGroupNetworks, type UseNetwork } from './serving-networks.ts';
import { createSharedModelDesk } from './shared-model-desk.ts';

export interface SharedModelsDeps {
  readonly config: KybernConfig;
  readonly log: KafkaLog;
  readonly store: Store;
  readonly catalog: SeriesCatalog;
  /** Puts the series of all partitions into the catalogue. Rejects as the log does. */
  readonly catchUp: () => Promise<void>;
  /** What this process is called. */
  readonly name: string;
  /** Who decides, and so who trains; this process where it is its own name. */
  readonly decider: () => string | undefined;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
  readonly lifecycle: Lifecycle;
}

/** The networks of a process that shares the work. */
export interface SharedModels {
  readonly newDetectors: NewDetectors;
  /** What one partition has to do with changes. */
  readonly networks: {
    /** To be awaited before detectors are made, so that they begin with what the group is served by. */
    readonly catchUp: () => Promise<void>;
    readonly follow: (use: UseNetwork) => () => void;
  };
  /** The rest is absent where nothing is detected. */
  readonly kept?: {
    readonly desk: ModelDesk;
    /** For the process that decides, while it does. */
    readonly trainer: FineTuner;
    readonly standing: () => PartStanding;
    readonly run: (signal: AbortSignal) => Promise<void>;
  };
}

/**
 * The versions of the network that the group shares, and detectors that are served by them. A version that cannot be loaded
 * here leaves what served before, which is told, to the others too, and tried again. Rejects with KYBERN_MODEL,
 * KYBERN_DATA_DIR, or as the log does.
 */
export async function openSharedModels(deps: SharedModelsDeps): Promise<SharedModels> {
  const { clock, metrics, logger, lifecycle, name } = deps;
  const config = deps.config.detectors;
  if (!config.enabled)
    return { newDetectors: createIdleDetectors, networks: { catchUp: async () => {}, follow: () => () => {} } };
  prepareTrainingEnvironment();
  const host = openHost(config, deps);
  const path = modelPathOf(config);
  const sha256 = await host.prepare(path);
  const classes = createModelClasses(config.models.classes);
  const networks = createGroupNetworks(host, classes.names, sha256);
  const directory = join(deps.config.dataDir, 'models-of-group');
  const toldOf = new Set<string>();
  const damaged = (detail: string): void => {
    if (!toldOf.has(detail)) logger.error({ code: 'KYBERN_MODEL' }, detail);
    toldOf.add(detail);
  };
  const group = await openGroupModels({ log: deps.log, directory, clock, damaged });
  const versions: ModelVersions = await openModelVersions(
    {
      kept: group.store,
      shipped: { path, sha256 },
      networks: {
        async prepare(file) {
          try {
            return await networks.prepare(file);
          } catch (error) {
            if (!(error instanceof KybernError)) throw error;
            await group.restore(file);
            return networks.prepare(file);
          }
        },
        async use(modelClass, sha256) {
          await networks.use(modelClass, sha256);
          logger.info({ class: modelClass, sha256 }, 'another model serves');
        },
      },
      evaluate: (...asked) => trainer.evaluate(...asked),
      judges: () => deps.decider() === name,
      ...{ clock, metrics, damaged },
    },
    config.models,
  );
  const trainer = newTrainer({ ...deps, config, versions, directory });
  lifecycle.onClose('training', () => trainer.close());
  const upkeep = createModelUpkeep({
    ...{ versions, group, networks, trainer, name, clock, metrics, logger },
    classes: config.models.classes,
    decider: deps.decider,
  });
  await upkeep.takeIn();

  return {
    newDetectors: (stage) => host.create({ ...stage, networks: networks.serving }),
    networks: {
      async catchUp() {
        await group.catchUp();
        await upkeep.takeIn();
      },
      follow: networks.follow,
    },
    kept: {
      desk: createSharedModelDesk({
        ...{ versions, trainer, name, decider: deps.decider, config: config.models },
        processes: group.processes,
      }),
      trainer,
      standing: upkeep.standing,
      run: upkeep.run,
    },
  };
}

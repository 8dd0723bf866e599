import { join } from 'node:path';
import { createIdleDetectors } from '../../detectors/index.ts';
import type { FineTuner } from '../../detectors/lstm/fine-tune/index.ts';
import { type ModelVersions, openModelVersions } from '../../detectors/lstm/versions/index.ts';
import {
  type Clock,
  KybernError,
  type Metrics,
  type SeriesCatalog,
  type Store,
  shippedModelId,
} from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';
import type { DetectorHost } from '../detector-thread/detector-host.ts';
import type { Lifecycle } from '../lifecycle/lifecycle.ts';
import type { EngineLogger } from './engine-logger.ts';
import { newTrainer } from './new-trainer.ts';
import { modelPathOf, type NewDetectors, openHost } from './open-detectors.ts';
import { prepareTrainingEnvironment } from './training-environment.ts';

export interface OpenModelsDeps {
  readonly config: KybernConfig;
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly logger: EngineLogger;
  readonly lifecycle: Lifecycle;
  /** Brings a change into the loop: resolves once series of the class are forecast by that network. */
  readonly use: (modelClass: string, sha256: string) => Promise<void>;
  readonly store: Store;
  readonly catalog: SeriesCatalog;
}

export interface OpenedModels {
  readonly newDetectors: NewDetectors;
  /** Absent where nothing is detected. */
  readonly kept?: { readonly versions: ModelVersions; readonly trainer: FineTuner };
}

/**
 * The versions of the network in the data directory, which must be locked, and detectors that are served by them. A version
 * that cannot be loaded is replaced by the shipped one, which is told. Rejects with KYBERN_MODEL and KYBERN_DATA_DIR.
 */
export async function openModels(deps: OpenModelsDeps): Promise<OpenedModels> {
  const { clock, metrics, logger, lifecycle } = deps;
  const config = deps.config.detectors;
  if (!config.enabled) return { newDetectors: createIdleDetectors };
  prepareTrainingEnvironment();
  const host = openHost(config, deps);
  const path = modelPathOf(config);
  const serving = new Map<string, string>();
  const directory = join(deps.config.dataDir, 'models');
  const versions: ModelVersions = await openModelVersions(
    {
      kept: directory,
      shipped: { path, sha256: await host.prepare(path) },
      networks: {
        prepare: host.prepare,
        async use(modelClass, sha256) {
          host.hold(modelClass, sha256);
          await deps.use(modelClass, sha256);
          serving.set(modelClass, sha256);
          logger.info({ class: modelClass, sha256 }, 'another model serves');
        },
      },
      evaluate: (...asked) => trainer.evaluate(...asked),
      clock,
      metrics,
      damaged: (detail) => logger.error({ code: 'KYBERN_MODEL' }, detail),
    },
    config.models,
  );
  const trainer = newTrainer({ ...deps, config, versions, directory });
  lifecycle.onClose('training', () => trainer.close());
  for (const name of versions.classes) {
    const sha256 = await loaded(host, versions, name, logger);
    host.hold(name, sha256);
    serving.set(name, sha256);
  }

  return {
    kept: { versions, trainer },
    newDetectors: (stage) => host.create({ ...stage, networks: serving }),
  };
}

async function loaded(
  host: Pick<DetectorHost, 'prepare'>,
  versions: ModelVersions,
  modelClass: string,
  logger: EngineLogger,
): Promise<string> {
  const id = versions.servingOf(modelClass);
  try {
    return await host.prepare(versions.pathOf(id));
  } catch (error) {
    if (!(error instanceof KybernError) || id === shippedModelId) throw error;
    logger.error({ code: error.code, class: modelClass, model: id }, `${error.message}: the shipped model serves`);
    await versions.fallBack(modelClass, `${id} could not be loaded: ${error.message}`);
    return host.prepare(versions.pathOf(shippedModelId));
  }
}

import type { ModelVersions } from '../../../../detectors/lstm/versions/index.ts';
import { KybernError, type ModelDesk, type ModelTrainer, type ProcessModels } from '../../../../model/index.ts';
import type { KybernConfig } from '../../../config/kybern-config.ts';
import { createModelDesk } from '../../../pipeline/model-desk.ts';

/**
 * The desk as any process of a group has it: versions are seen to by whichever is asked, one trains, and what it tells of
 * training the others pass on.
 */
export function createSharedModelDesk(deps: {
  readonly versions: ModelVersions;
  readonly trainer: ModelTrainer;
  readonly config: KybernConfig['detectors']['models'];
  readonly name: string;
  readonly decider: () => string | undefined;
  readonly processes: () => readonly ProcessModels[];
}): ModelDesk {
  const { name, decider, processes } = deps;
  const desk = createModelDesk(deps);

  return {
    ...desk,
    overview() {
      const overview = desk.overview();
      const told = processes();
      const theirs = told.find((one) => one.name === decider())?.training;
      return {
        ...overview,
        training: decider() === name ? overview.training : (theirs ?? { state: 'unavailable' }),
        processes: told,
      };
    },
    async train(modelClass, who) {
      if (decider() === name) return desk.train(modelClass, who);
      throw new KybernError('KYBERN_NOT_DECIDER', `${decider() ?? 'nobody'} decides, and trains`);
    },
  };
}

import { createHash } from 'node:crypto';
import type { ModelVersions } from '../../detectors/lstm/versions/index.ts';
import { KybernError, type ModelDesk, type ModelTrainer } from '../../model/index.ts';
import type { KybernConfig } from '../config/kybern-config.ts';

export interface ModelDeskDeps {
  readonly versions: ModelVersions;
  readonly trainer: ModelTrainer;
  readonly config: KybernConfig['detectors']['models'];
}

/** What people ask of the versions of the network. */
export function createModelDesk({ versions, trainer, config }: ModelDeskDeps): ModelDesk {
  const matchOf = (name: string) => config.classes.filter((one) => one.name === name).flatMap(({ match }) => match);

  return {
    overview: () => ({
      serving: versions.classes.map((name) => ({
        class: name,
        match: matchOf(name),
        model: versions.servingOf(name),
        sinceMs: versions.sinceMsOf(name),
      })),
      models: versions.list(),
      history: versions.history().toReversed(),
      training: trainer.status(),
    }),
    card(id) {
      const card = versions.get(id);
      if (card === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no model ${id}.`);
      return card;
    },
    promote: (id, who, { reason = `${who} asked for it`, force = false }) =>
      versions.promote(id, { by: who, reason, force }),
    rollback: (modelClass, who, reason = `${who} asked for it`) => versions.rollback(modelClass, { by: who, reason }),
    import: (modelClass, onnx, who, note) =>
      versions.add(
        {
          class: modelClass,
          origin: 'imported',
          parent: null,
          by: who,
          ...(note === undefined ? {} : { note }),
          seed: 0,
          seconds: 0,
          sha256: createHash('sha256').update(onnx).digest('hex'),
        },
        onnx,
      ),
    async train(modelClass, who) {
      // Throws where there is no such class.
      versions.servingOf(modelClass);
      await trainer.start({ class: modelClass, reason: `${who} asked for it` });
      return trainer.status();
    },
  };
}

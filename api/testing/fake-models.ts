import {
  defaultModelClass,
  KybernError,
  type ModelCard,
  type ModelDesk,
  type ServingChange,
  shippedModelId,
  type TrainingStatus,
} from '../../model/index.ts';

const sha256 = 'c'.repeat(64);
const shipped: ModelCard = {
  ...{ id: shippedModelId, class: '*', origin: 'shipped', madeMs: 0, sha256, parent: null, seed: 0, seconds: 0 },
  ...{ standing: 'promoted', reason: 'It serves every class that no other model serves.' },
};
const tuned: ModelCard = {
  ...shipped,
  ...{ id: 'default-20260511-021500-1a2b3c4d', class: defaultModelClass, origin: 'fine-tuned', parent: shippedModelId },
  ...{ madeMs: Date.UTC(2026, 4, 11, 2, 15), seed: 1, seconds: 5400, standing: 'candidate', against: shippedModelId },
  trainedOn: { series: 240, points: 1_900_000, fromMs: Date.UTC(2026, 4, 4), untilMs: Date.UTC(2026, 4, 11) },
  heldOut: { points: 285_000, series: 240, candidate: 0.3712, serving: 0.3904, ridge: 0.3951, lastValue: 0.4316 },
  reason: 'its error is 0.3712 beside 0.3904 of the serving model and 0.3951 of a linear forecast',
};

const refused: ModelCard = {
  ...tuned,
  ...{ id: 'default-20260510-021500-5e6f7a8b', madeMs: Date.UTC(2026, 4, 10, 2, 15), standing: 'refused' },
  heldOut: { ...tuned.heldOut!, candidate: 0.3958 },
  reason: "its error 0.3958 is not below a linear forecast's 0.3951",
};

/** Three models: the shipped one, a candidate that may be promoted and rolled back, and one that was refused; two processes. */
export function createFakeModels(nowMs: () => number): ModelDesk {
  const models = [shipped, tuned, refused];
  let training: TrainingStatus = { state: 'idle', last: 'nothing was made: it learnt nothing' };
  const history: ServingChange[] = [];
  let serving = shippedModelId;

  function change(to: string, by: string, reason: string): ServingChange {
    const made = { class: defaultModelClass, from: serving, to, atMs: nowMs(), by, reason };
    history.unshift(made);
    serving = to;
    return made;
  }

  function card(id: string): ModelCard {
    const known = models.find((model) => model.id === id);
    if (known === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no model ${id}.`);
    return known;
  }

  function known(modelClass: string): void {
    if (modelClass !== defaultModelClass)
      throw new KybernError('KYBERN_NOT_FOUND', `There is no class of series ${modelClass}; there are default.`);
  }

  return {
    overview: () => ({
      serving: [{ class: defaultModelClass, match: [], model: serving, sinceMs: history[0]?.atMs ?? 0 }],
      models,
      history,
      training,
      processes: ['kybern-0', 'kybern-1'].map((name, at) => {
        const behind = { code: 'KYBERN_MODEL', detail: 'the model cannot be read' };
        const isBehind = at === 1 && serving !== shippedModelId;
        return {
          name,
          atMs: nowMs(),
          serving: [
            {
              ...{ class: defaultModelClass, model: isBehind ? shippedModelId : serving, sha256 },
              ...(isBehind ? behind : {}),
            },
          ],
        };
      }),
    }),
    card,
    async promote(id, who, { reason = `${who} asked for it`, force = false }) {
      const { standing, reason: refusal } = card(id);
      if (serving === id) throw new KybernError('KYBERN_CONFLICT', `Model ${id} serves already.`);
      if (standing === 'refused' && !force)
        throw new KybernError('KYBERN_CONFLICT', `The gate refuses ${id}: ${refusal}.`);
      return change(id, who, reason);
    },
    async rollback(modelClass, who, reason = `${who} asked for it`) {
      known(modelClass);
      if (serving === shippedModelId) throw new KybernError('KYBERN_CONFLICT', 'Nothing served before.');
      return change(shippedModelId, who, reason);
    },
    async import(modelClass, onnx, by, note) {
      known(modelClass);
      const made: ModelCard = {
        ...{ ...shipped, id: `default-imported-${onnx.length}`, class: modelClass, origin: 'imported', by },
        ...{ standing: 'refused', reason: 'there are no errors on held-back history', madeMs: nowMs() },
        ...(note === undefined ? {} : { note }),
      };
      models.push(made);
      return made;
    },
    async train(modelClass) {
      known(modelClass);
      training = {
        state: 'training',
        class: modelClass,
        epoch: 3,
        of: 8,
        share: 0.098,
        etaMs: 1_260_000,
        lossNow: 0.231,
      };
      return { state: 'collecting', class: modelClass };
    },
  };
}

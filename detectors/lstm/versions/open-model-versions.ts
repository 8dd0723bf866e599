import { createHash } from 'node:crypto';
import {
  type Clock,
  KybernError,
  type Metrics,
  type ModelCard,
  type ServingChange,
  shippedModelId,
} from '../../../model/index.ts';
import { createModelClasses } from '../model-classes.ts';
import type { ModelsConfig } from './config.ts';
import { isCompared, judgeCard } from './judge-card.ts';
import type { ChangeRequest, EvaluateModel, ModelVersions, NewModelCard, ServingNetworks } from './model-versions.ts';
import { servingStack } from './serving-stack.ts';
import { tryNetwork } from './try-network.ts';
import { createVersionFiles } from './version-files.ts';

export interface ModelVersionsDeps {
  /** `<data-dir>/models`. */
  readonly directory: string;
  readonly shipped: { readonly path: string; readonly sha256: string };
  readonly networks: ServingNetworks;
  /** Judges what comes without errors, or with such against another model than serves now. */
  readonly evaluate?: EvaluateModel;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Metrics;
  /** Told of what on disk cannot be read. */
  readonly damaged: (detail: string) => void;
}

/** Changes kept; a rollback cannot go further back. */
const keptChanges = 1000;
const itself = 'kybern';

/** Opens the versions of a data directory. Rejects with KYBERN_DATA_DIR. */
export async function openModelVersions(deps: ModelVersionsDeps, config: ModelsConfig): Promise<ModelVersions> {
  const { clock, networks, shipped } = deps;
  const files = createVersionFiles(deps.directory);
  const stored = await files.read(deps.damaged);
  const classes = createModelClasses(config.classes);
  const cards = new Map(stored.cards.map((card) => [card.id, card]));
  const serving: Record<string, string> = { ...stored.serving };
  let history: readonly ServingChange[] = stored.history;
  const underJudgement = new Map<string, Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();

  const changes = deps.metrics.counter('kybern_model_changes_total', 'Changes of the model that serves a class.', [
    'class',
    'change',
  ]);
  const judged = deps.metrics.counter('kybern_model_candidates_total', 'Versions that were judged.', ['standing']);
  const held = deps.metrics.gauge('kybern_model_versions', 'Versions of the forecasting network on disk.');
  const since = deps.metrics.gauge(
    'kybern_model_serving_since_seconds',
    'When the model that serves a class began to, epoch seconds; 0 for the shipped one from the start.',
    ['class'],
  );

  for (const [name, id] of Object.entries(serving)) {
    if (cards.has(id) || id === shippedModelId) continue;
    deps.damaged(`class ${name} is served by ${id}, which cannot be read: the shipped one serves`);
    serving[name] = shippedModelId;
  }
  for (const card of cards.values()) {
    if (card.standing !== 'judging') continue;
    const reason = 'a restart broke its judging off: whoever promotes it has it judged again';
    cards.set(card.id, { ...card, standing: 'refused', reason });
  }
  showMetrics();

  function showMetrics(): void {
    held.set(cards.size);
    for (const name of classes.names) {
      const change = history.findLast((other) => other.class === name && other.to === servingOf(name));
      since.set((change?.atMs ?? 0) / 1000, { class: name });
    }
  }

  /** Changes are made one after the other. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = last.then(work);
    last = mine.catch(() => {});
    return mine;
  }

  function servingOf(modelClass: string): string {
    if (!classes.names.includes(modelClass)) {
      const known = classes.names.join(', ');
      throw new KybernError('KYBERN_NOT_FOUND', `There is no class of series ${modelClass}; there are ${known}.`);
    }
    return serving[modelClass] ?? shippedModelId;
  }

  function cardOf(id: string): ModelCard {
    const card = cards.get(id);
    if (card === undefined) throw new KybernError('KYBERN_NOT_FOUND', `There is no model ${id}.`);
    return card;
  }

  function pathOf(id: string): string {
    return id === shippedModelId ? shipped.path : files.pathOf(cardOf(id).id);
  }

  async function keep(card: ModelCard): Promise<ModelCard> {
    await files.writeCard(card);
    cards.set(card.id, card);
    return card;
  }

  /** Durable before it is in force: a restart in between serves the new one. */
  async function change(modelClass: string, to: string, request: ChangeRequest, kind: string): Promise<ServingChange> {
    const sha256 = await networks.prepare(pathOf(to));
    const made = await write(modelClass, to, request, kind);
    await networks.use(modelClass, sha256);
    return made;
  }

  async function write(modelClass: string, to: string, request: ChangeRequest, kind: string): Promise<ServingChange> {
    const { by, reason } = request;
    const made = { class: modelClass, from: servingOf(modelClass), to, atMs: clock.now(), by, reason };
    const kept = [...history, made].slice(-keptChanges);
    await files.writeServing({ ...serving, [modelClass]: to }, kept);
    serving[modelClass] = to;
    history = kept;
    changes.add(1, { class: modelClass, change: kind });
    showMetrics();
    return made;
  }

  /** Finds its errors beside the model that serves, in nobody's turn: what serves can be changed meanwhile. */
  function judge(id: string, evaluate: EvaluateModel): void {
    if (underJudgement.has(id)) return;
    const { class: modelClass } = cardOf(id);
    const against = servingOf(modelClass);
    const found = evaluate(modelClass, pathOf(id), pathOf(against));
    const settled = found.then(
      (errors) => settle(id, (card) => (errors === undefined ? card : { ...card, against, heldOut: errors.heldOut })),
      (error: unknown) => settle(id, (card) => card, `it could not be judged: ${String(error)}`),
    );
    underJudgement.set(
      id,
      settled
        .catch((error: unknown) => deps.damaged(`version ${id}: ${String(error)}`))
        .finally(() => underJudgement.delete(id)),
    );
  }

  function settle(id: string, told: (card: ModelCard) => ModelCard, failure?: string): Promise<void> {
    return inTurn(async () => {
      const card = told(cardOf(id));
      const verdict = judgeCard(card, servingOf(card.class), config, false);
      await conclude(failure === undefined ? verdict : { ...card, standing: 'refused', reason: failure });
    });
  }

  async function conclude(card: ModelCard): Promise<void> {
    await keep(card);
    judged.add(1, { standing: card.standing });
    if (config.promote === 'auto' && card.standing === 'candidate')
      await serve(card, { by: itself, reason: card.reason });
  }

  async function prune(added: string): Promise<void> {
    const needed = new Set(classes.names.flatMap((name) => servingStack(history, name)));
    for (const id of [...Object.values(serving), ...underJudgement.keys(), added]) needed.add(id);
    const spare = [...cards.values()].filter(({ id }) => !needed.has(id)).sort((a, b) => a.madeMs - b.madeMs);
    for (const { id } of spare.slice(0, Math.max(0, cards.size - config.keptVersions))) {
      await files.remove(id);
      cards.delete(id);
    }
  }

  async function serve(card: ModelCard, request: ChangeRequest): Promise<ServingChange> {
    const made = await change(card.class, card.id, request, 'promotion');
    await keep({ ...card, standing: 'promoted', reason: request.reason });
    return made;
  }

  return {
    list: () => [shippedCard(shipped.sha256), ...[...cards.values()].sort((a, b) => b.madeMs - a.madeMs)],
    get: (id) => (id === shippedModelId ? shippedCard(shipped.sha256) : cards.get(id)),
    classes: classes.names,
    classOf: classes.of,
    servingOf,
    pathOf,
    history: () => history,
    add: (made, bytes) =>
      inTurn(async () => {
        const against = made.against ?? servingOf(made.class);
        const sha256 = createHash('sha256').update(bytes).digest('hex');
        if (sha256 !== made.sha256)
          throw new KybernError('KYBERN_MODEL', `the bytes have SHA-256 ${sha256}, the card says ${made.sha256}`);
        await tryNetwork(bytes);
        const madeMs = clock.now();
        const id = idOf(made, madeMs);
        if (cards.has(id)) throw new KybernError('KYBERN_CONFLICT', `There is a model ${id} already.`);
        const card: ModelCard = {
          ...withoutNaN(made),
          ...{ id, madeMs, against, standing: 'judging', reason: 'it is being judged on held-back history' },
        };
        await files.add(card, bytes);
        cards.set(id, card);
        const { evaluate } = deps;
        if (evaluate !== undefined && !isCompared(card, servingOf(card.class))) judge(id, evaluate);
        else await conclude(judgeCard(card, servingOf(card.class), config, false));
        await prune(id);
        showMetrics();
        return cardOf(id);
      }),
    promote: (id, { force = false, ...request }) =>
      inTurn(async () => {
        if (id === shippedModelId)
          throw new KybernError('KYBERN_CONFLICT', 'The shipped model is not promoted: roll the class back to it.');
        const card = cardOf(id);
        const serves = servingOf(card.class);
        if (serves === id) throw new KybernError('KYBERN_CONFLICT', `Model ${id} serves already.`);
        const { evaluate } = deps;
        if (evaluate !== undefined && !isCompared(card, serves) && !(force && card.heldOut !== undefined)) {
          judge(id, evaluate);
          await keep({ ...card, standing: 'judging', reason: `it is being compared with ${serves}, which serves now` });
          throw new KybernError(
            'KYBERN_CONFLICT',
            `Model ${id} is being compared with ${serves}: ask again once it is.`,
          );
        }
        const verdict = judgeCard(card, serves, config, force);
        if (verdict.standing === 'refused')
          throw new KybernError('KYBERN_CONFLICT', `The gate refuses ${id}: ${verdict.reason}.`);
        const unforced = judgeCard(card, serves, config, false);
        const overridden = unforced.standing === 'refused' ? ` (forced, though ${unforced.reason})` : '';
        return serve(card, { ...request, reason: `${request.reason}${overridden}` });
      }),
    rollback: (modelClass, request) =>
      inTurn(async () => {
        servingOf(modelClass);
        const before = servingStack(history, modelClass).slice(0, -1);
        const to = before.findLast((id) => id === shippedModelId || cards.has(id));
        if (to === undefined)
          throw new KybernError('KYBERN_CONFLICT', `Nothing served class ${modelClass} before the present model.`);
        return change(modelClass, to, request, 'rollback');
      }),
    fallBack: (modelClass, reason) =>
      inTurn(() => write(modelClass, shippedModelId, { by: itself, reason }, 'fall-back')),
    async settled() {
      while (underJudgement.size > 0) await Promise.all(underJudgement.values());
    },
  };
}

function shippedCard(sha256: string): ModelCard {
  return {
    ...{ id: shippedModelId, class: '*', origin: 'shipped', madeMs: 0, sha256, parent: null, seed: 0, seconds: 0 },
    ...{ standing: 'promoted', reason: 'It serves every class that no other model serves.' },
  };
}

/** Such as default-20261126-071500-1a2b3c4d. */
function idOf({ class: modelClass, sha256 }: NewModelCard, madeMs: number): string {
  const [day, time] = new Date(madeMs).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  return `${modelClass}-${day}-${time}-${sha256.slice(0, 8)}`;
}

/** JSON knows no NaN: errors that are no numbers are none. */
function withoutNaN(card: NewModelCard): NewModelCard {
  if (card.heldOut === undefined || Object.values(card.heldOut).every(Number.isFinite)) return card;
  const { heldOut: _none, ...rest } = card;
  return rest;
}

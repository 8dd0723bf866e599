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
import type { ChangeRequest, EvaluateModel, ModelVersions, ServingNetworks } from './model-versions.ts';
import { newId, shippedCard, withoutNaN } from './new-card.ts';
import { servingStack } from './serving-stack.ts';
import { tryNetwork } from './try-network.ts';
import { createVersionFiles } from './version-files.ts';
import { createVersionMetrics } from './version-metrics.ts';
import type { StoredModels, VersionStore } from './version-store.ts';

export interface ModelVersionsDeps {
  /** Where they are kept: a directory, such as `<data-dir>/models`, or what several processes share. */
  readonly kept: string | VersionStore;
  readonly shipped: { readonly path: string; readonly sha256: string };
  readonly networks: ServingNetworks;
  /** Judges what comes without errors, or with such against another model than serves now. */
  readonly evaluate?: EvaluateModel;
  /**
   * Where several processes share what is kept: whether this is the one that judges, now. Others leave a version `judging`,
   * and it is found by `takeIn`. Absent: always, and what is `judging` at the start was broken off.
   */
  readonly judges?: () => boolean;
  readonly clock: Pick<Clock, 'now'>;
  readonly metrics: Metrics;
  /** Told of what on disk cannot be read. */
  readonly damaged: (detail: string) => void;
}

/** Changes kept; a rollback cannot go further back. */
const keptChanges = 1000;
const itself = 'kybern';

/** Opens what is kept. Rejects with KYBERN_DATA_DIR. */
export async function openModelVersions(deps: ModelVersionsDeps, config: ModelsConfig): Promise<ModelVersions> {
  const { clock, networks, shipped } = deps;
  const files = typeof deps.kept === 'string' ? createVersionFiles(deps.kept) : deps.kept;
  const classes = createModelClasses(config.classes);
  const cards = new Map<string, ModelCard>();
  let serving: Record<string, string> = {};
  let history: readonly ServingChange[] = [];
  const inUse = new Map<string, string>();
  const underJudgement = new Map<string, Promise<void>>();
  let last: Promise<unknown> = Promise.resolve();
  const shown = createVersionMetrics(deps.metrics);
  take(await files.read(deps.damaged));

  function take(stored: StoredModels): void {
    cards.clear();
    const reason = 'a restart broke its judging off: whoever promotes it has it judged again';
    for (const card of stored.cards) {
      const isBrokenOff = card.standing === 'judging' && deps.judges === undefined;
      cards.set(card.id, isBrokenOff ? { ...card, standing: 'refused', reason } : card);
    }
    serving = { ...stored.serving };
    history = stored.history;
    for (const [name, id] of Object.entries(serving)) {
      if (cards.has(id) || id === shippedModelId) continue;
      deps.damaged(`class ${name} is served by ${id}, which cannot be read: the shipped one serves`);
      serving[name] = shippedModelId;
    }
    showMetrics();
  }

  function sinceMsOf(modelClass: string): number {
    const serves = servingOf(modelClass);
    return history.findLast((change) => change.class === modelClass && change.to === serves)?.atMs ?? 0;
  }

  function showMetrics(): void {
    shown.stand(cards.size, new Map(classes.names.map((name) => [name, sinceMsOf(name)])));
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
    inUse.set(modelClass, to);
    return made;
  }

  /** Brings into use what serves and is not in use here yet; tells of the classes in which that cannot be done. */
  async function bringIntoUse(): Promise<ReadonlyMap<string, KybernError>> {
    const failures = new Map<string, KybernError>();
    for (const name of classes.names) {
      const id = servingOf(name);
      if ((inUse.get(name) ?? shippedModelId) === id) continue;
      try {
        await networks.use(name, await networks.prepare(pathOf(id)));
        inUse.set(name, id);
      } catch (error) {
        if (!(error instanceof KybernError)) throw error;
        failures.set(name, error);
      }
    }
    return failures;
  }

  async function write(modelClass: string, to: string, request: ChangeRequest, kind: string): Promise<ServingChange> {
    const { by, reason } = request;
    const made = { class: modelClass, from: servingOf(modelClass), to, atMs: clock.now(), by, reason };
    const kept = [...history, made].slice(-keptChanges);
    const after = { serving: { ...serving, [modelClass]: to }, history: kept };
    await files.writeChange(made, after);
    ({ serving, history } = after);
    shown.changed(made, kind);
    showMetrics();
    return made;
  }

  /** Finds its errors beside the model that serves, in nobody's turn: what serves can be changed meanwhile. */
  function judge(id: string, evaluate: EvaluateModel): void {
    if (underJudgement.has(id) || deps.judges?.() === false) return;
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
    shown.judged(card);
    if (config.promote === 'auto' && card.standing === 'candidate')
      await serve(card, { by: itself, reason: card.reason });
  }

  async function prune(added: string): Promise<void> {
    const needed = new Set(classes.names.flatMap((name) => servingStack(history, name)));
    const judged = [...cards.values()].filter(({ standing }) => standing === 'judging').map(({ id }) => id);
    for (const id of [...Object.values(serving), ...judged, ...underJudgement.keys(), added]) needed.add(id);
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
    sinceMsOf,
    inUse: (modelClass) => inUse.get(modelClass) ?? shippedModelId,
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
        const id = newId(made, madeMs, (one) => cards.has(one));
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
    takeIn: () =>
      inTurn(async () => {
        take(await files.read(deps.damaged));
        const failures = await bringIntoUse();
        const { evaluate } = deps;
        for (const { id, standing } of cards.values())
          if (standing === 'judging' && evaluate !== undefined) judge(id, evaluate);
        return failures;
      }),
    async settled() {
      while (underJudgement.size > 0) await Promise.all(underJudgement.values());
    },
  };
}

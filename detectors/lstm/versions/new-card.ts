import { type ModelCard, shippedModelId } from '../../../model/index.ts';
import type { NewModelCard } from './model-versions.ts';

/** The card of the network in the package. */
export function shippedCard(sha256: string): ModelCard {
  return {
    ...{ id: shippedModelId, class: '*', origin: 'shipped', madeMs: 0, sha256, parent: null, seed: 0, seconds: 0 },
    ...{ standing: 'promoted', reason: 'It serves every class that no other model serves.' },
  };
}

/** Such as default-20261126-071500-1a2b3c4d, with -2 behind it where the same network came in the same second. */
export function newId(
  { class: modelClass, sha256 }: NewModelCard,
  madeMs: number,
  taken: (id: string) => boolean,
): string {
  const [day, time] = new Date(madeMs).toISOString().slice(0, 19).replace(/[-:]/g, '').split('T');
  const id = `${modelClass}-${day}-${time}-${sha256.slice(0, 8)}`;
  let free = id;
  for (let nth = 2; taken(free); nth++) free = `${id}-${nth}`;
  return free;
}

/** JSON knows no NaN: errors that are no numbers are none. */
export function withoutNaN(card: NewModelCard): NewModelCard {
  if (card.heldOut === undefined || Object.values(card.heldOut).every(Number.isFinite)) return card;
  const { heldOut: _none, ...rest } = card;
  return rest;
}

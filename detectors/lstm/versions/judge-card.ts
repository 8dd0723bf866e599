import type { ModelCard } from '../../../model/index.ts';
import { type GateConfig, judgeCandidate } from './judge-candidate.ts';

/** Whether a card's errors were found beside the model that serves. */
export function isCompared({ heldOut, against }: ModelCard, serving: string): boolean {
  return heldOut !== undefined && against === serving;
}

/**
 * How a version stands by the errors on its card, `serving` being what serves its class. `force`: it is compared with
 * everything but the model that serves.
 */
export function judgeCard(card: ModelCard, serving: string, config: GateConfig, force: boolean): ModelCard {
  const { heldOut } = card;
  const compared = force && heldOut !== undefined ? { ...heldOut, serving: Number.MAX_VALUE } : heldOut;
  const verdict = judgeCandidate(compared, config);
  if (!verdict.promote) return { ...card, standing: 'refused', reason: verdict.reason };
  if (!force && !isCompared(card, serving)) {
    const reason = `it was compared with ${card.against}, not with ${serving}, which serves now`;
    return { ...card, standing: 'refused', reason };
  }
  return { ...card, standing: 'candidate', reason: figuresOf(card) };
}

function figuresOf({ heldOut }: ModelCard): string {
  if (heldOut === undefined) return '';
  const { candidate, serving, ridge, points } = heldOut;
  const figures = [candidate, serving, ridge].map((error) => error.toPrecision(4));
  return `its error is ${figures[0]} beside ${figures[1]} of the serving model and ${figures[2]} of a linear forecast, over ${points} held-back points`;
}

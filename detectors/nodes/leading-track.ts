import { probabilityOf } from './failure-odds.ts';
import { nameOfTrack } from './phrases.ts';
import type { ResourceTrack } from './resource-track.ts';

/** What was told before is told on until another ground has less than this share of its doubt: two senders of one disk take turns. */
const clearlyLess = 0.5;

/**
 * The resource that is told as what gives, undefined where it is what ails the node: the likeliest ground, a resource before
 * the rest, unless the one told before (`before`, by its name) is nearly as likely.
 */
export function leadingTrack(
  tracks: readonly ResourceTrack[],
  byHealth: number,
  before: string | undefined,
): ResourceTrack | undefined {
  let leading: ResourceTrack | undefined;
  let most = byHealth;
  let told: ResourceTrack | undefined;
  let mostTold = before === 'health' ? byHealth : Number.NEGATIVE_INFINITY;
  for (const track of tracks) {
    if (track.ahead === undefined) continue;
    const probability = probabilityOf(track.ahead.logOdds);
    if (leading === undefined ? probability >= most : probability > most) {
      leading = track;
      most = probability;
    }
    if (probability > mostTold && nameOfTrack(track) === before) {
      told = track;
      mostTold = probability;
    }
  }
  return 1 - most < clearlyLess * (1 - mostTold) ? leading : told;
}

/** Those that speak for themselves: of several senders of one thing the likeliest, and a disk without a name not beside one that has it. */
export function distinctTracks(tracks: readonly ResourceTrack[]): ResourceTrack[] {
  const ranked = [...tracks].sort((a, b) => b.ahead!.logOdds - a.ahead!.logOdds);
  return ranked.filter((track, rank) => {
    const others = ranked.filter((other) => other !== track && other.resource === track.resource);
    const isToldBefore = others.some(
      (other) => nameOfTrack(other) === nameOfTrack(track) && ranked.indexOf(other) < rank,
    );
    return !isToldBefore && (track.place !== '' || others.every(({ place }) => place === ''));
  });
}

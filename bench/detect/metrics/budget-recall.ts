import { daysOf, mergeGapMs, type ScoredPart } from './episodes.ts';
import { segmentsOf } from './segments.ts';

/** Budgets of whole episodes are not lost to the last digit. */
const rounding = 1e-9;
/** From one threshold looked at to the next, points above grow by this factor; what lies between is bisected. */
const growth = 1.3;

/**
 * The share of events that some threshold finds with no more than `perDay` false episodes a day: what an operator who
 * knew the threshold could have (an oracle, as it is chosen on the scored part). Thresholds are looked at from the
 * highest down to where the budget is spent for the first time; there bisection finds the last one within it. The lowest
 * score of all never alarms: everything at once would be one episode. NaN without a label.
 */
export function recallAtBudget(part: ScoredPart, scores: Float64Array, perDay: number): number {
  const events = segmentsOf(part.labels);
  if (events.length === 0) return Number.NaN;
  const budget = perDay * daysOf(part.timesMs) + rounding;
  const eventOf = new Int32Array(scores.length).fill(-1);
  for (const [event, [first, last]] of events.entries()) eventOf.fill(event, first, last + 1);
  const gapMs = mergeGapMs(part.timesMs);
  const order = Uint32Array.from(scores, (_, at) => at).sort((a, b) => scores[b]! - scores[a]!);
  const levels = levelsOf(order, scores);
  let best = 0;

  /** Whether the points from the highest to this level keep the budget; if so they count. */
  const fits = (level: number): boolean => {
    const points = order.slice(0, levels[level]!).sort();
    const found = new Set<number>();
    let falseEpisodes = 0;
    let touched = true;
    let lastMs = Number.NEGATIVE_INFINITY;
    for (const at of points) {
      if (part.timesMs[at]! - lastMs > gapMs) {
        if (!touched) falseEpisodes += 1;
        touched = false;
      }
      lastMs = part.timesMs[at]!;
      if (eventOf[at]! < 0) continue;
      touched = true;
      found.add(eventOf[at]!);
    }
    if (!touched) falseEpisodes += 1;
    if (falseEpisodes > budget) return false;
    best = Math.max(best, found.size);
    return true;
  };

  let within = -1;
  let beyond = levels.length;
  for (let level = 0; level < levels.length; level = nextLevel(levels, level)) {
    if (!fits(level)) {
      beyond = level;
      break;
    }
    within = level;
    if (best === events.length) return 1;
  }
  while (beyond - within > 1) {
    const middle = (within + beyond) >> 1;
    if (fits(middle)) within = middle;
    else beyond = middle;
  }
  return best / events.length;
}

/** By score, highest first, how many points reach it; without the lowest, which all do. */
function levelsOf(order: Uint32Array, scores: Float64Array): readonly number[] {
  const levels: number[] = [];
  for (let count = 1; count < order.length; count += 1) {
    if (scores[order[count]!] !== scores[order[count - 1]!]) levels.push(count);
  }
  return levels;
}

function nextLevel(levels: readonly number[], level: number): number {
  const wanted = levels[level]! * growth;
  let next = level + 1;
  while (next < levels.length - 1 && levels[next]! < wanted) next += 1;
  return next;
}

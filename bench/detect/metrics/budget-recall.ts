import { daysOf, mergeGapMs, type ScoredPart } from './episodes.ts';
import { segmentsOf } from './segments.ts';

/** Budgets of whole episodes are not lost to the last digit. */
const rounding = 1e-9;

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

  /** The first `wanted` points and all that score the same as the last of them. */
  const withTies = (wanted: number): number => {
    let count = Math.min(wanted, order.length);
    while (count < order.length && scores[order[count]!] === scores[order[count - 1]!]) count += 1;
    return count;
  };
  const look = (count: number): { readonly falseEpisodes: number; readonly found: number } => {
    const points = order.slice(0, count).sort();
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
    return { falseEpisodes: falseEpisodes + (touched ? 0 : 1), found: found.size };
  };

  const nothing = { falseEpisodes: 0, found: 0 };
  let within = 0;
  let best = 0;
  let beyond = order.length + 1;
  for (let count = withTies(1); ; count = withTies(Math.ceil(count * 1.3))) {
    const { falseEpisodes, found } = count === order.length ? nothing : look(count);
    if (falseEpisodes > budget) {
      beyond = count;
      break;
    }
    within = count;
    best = Math.max(best, found);
    if (count === order.length || found === events.length) return best / events.length;
  }
  while (beyond - within > 1) {
    const middle = withTies((within + beyond) >> 1);
    if (middle >= beyond) break;
    const { falseEpisodes, found } = look(middle);
    if (falseEpisodes > budget) beyond = middle;
    else {
      within = middle;
      best = Math.max(best, found);
    }
  }
  return best / events.length;
}

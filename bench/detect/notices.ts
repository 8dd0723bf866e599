import { episodesOf, mergeGapMs } from './metrics/episodes.ts';

/**
 * What people are told: of an episode its start and each new height, not every point. At every threshold the first point
 * of each episode that reaches it is kept, so this is an alarm with merging, for all thresholds at once. Other points
 * are 0.
 */
export function noticeScores(timesMs: Float64Array, scores: Float64Array): Float64Array {
  const quietMs = mergeGapMs(timesMs);
  const notices = new Float64Array(scores.length);
  // Places of falling scores within the quiet time: the first is the highest.
  const recent: number[] = [];
  let head = 0;
  for (let at = 0; at < scores.length; at += 1) {
    while (head < recent.length && timesMs[at]! - timesMs[recent[head]!]! > quietMs) head += 1;
    const highest = head < recent.length ? scores[recent[head]!]! : Number.NEGATIVE_INFINITY;
    if (scores[at]! > highest) notices[at] = scores[at]!;
    while (recent.length > head && scores[recent.at(-1)!]! <= scores[at]!) recent.pop();
    recent.push(at);
  }
  return notices;
}

/** The first point of each episode of alarms. */
export function noticesOf(timesMs: Float64Array, alarms: Uint8Array): Uint8Array {
  const notices = new Uint8Array(alarms.length);
  for (const [first] of episodesOf(timesMs, alarms)) notices[first] = 1;
  return notices;
}

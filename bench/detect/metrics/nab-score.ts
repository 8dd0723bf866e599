import { segmentsOf } from './segments.ts';

/** What hits, misses and false alarms weigh (numenta/NAB, config/profiles.json). */
export interface NabProfile {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly falseNegative: number;
}

export const nabProfiles = {
  standard: { truePositive: 1, falsePositive: 0.11, falseNegative: 1 },
  lowFalsePositives: { truePositive: 1, falsePositive: 0.22, falseNegative: 1 },
  lowFalseNegatives: { truePositive: 1, falsePositive: 0.11, falseNegative: 2 },
} as const satisfies Record<string, NabProfile>;

/** One series: its scores and the windows as labels, columns of equal length. */
export interface NabSeries {
  readonly scores: Float64Array;
  readonly labels: Uint8Array;
}

export interface NabResult {
  /** 0 for a detector that says nothing, 100 for one that is right at the start of every window and never else. */
  readonly score: number;
  /** The threshold it holds at: a score from here on is an alarm. */
  readonly threshold: number;
}

const probationShare = 0.15;
const probationMost = 750;
/** Beyond so many window lengths behind a window an alarm is wholly false. */
const farBehind = 3;

/** Rows at the start of a series that are not judged. */
export function probationRows(rows: number): number {
  return Math.min(Math.floor(probationShare * rows), probationMost);
}

/** 1 at the far left of a window, 0 at its right edge, -1 far behind it (NAB's scaled sigmoid). */
export function scaledSigmoid(position: number): number {
  return position >= farBehind ? -1 : 2 / (1 + Math.exp(5 * position)) - 1;
}

/**
 * NAB's score of a whole corpus (Lavin and Ahmad 2015; numenta/NAB, sweeper and optimizer): the earliest alarm in a window
 * counts, every alarm outside one costs, less where it comes right behind a window. One threshold for all series: the
 * best one, as NAB chooses it, or the one given.
 */
export function nabScore(corpus: readonly NabSeries[], profile: NabProfile, threshold?: number): NabResult {
  const { sortedScores, weights, windows, windowCount, windowTotal } = judgedPoints(corpus, profile);
  const best = new Float64Array(windowCount).fill(-profile.falseNegative);
  let score = -profile.falseNegative * windowCount;
  let chosen: NabResult = { score, threshold: Number.POSITIVE_INFINITY };
  for (let at = 0; at < sortedScores.length; ) {
    const level = sortedScores[at]!;
    if (threshold !== undefined && level < threshold) break;
    for (; at < sortedScores.length && sortedScores[at] === level; at += 1) {
      const window = windows[at]!;
      if (window < 0) score += weights[at]!;
      else if (weights[at]! > best[window]!) {
        score += weights[at]! - best[window]!;
        best[window] = weights[at]!;
      }
    }
    if (threshold !== undefined || score > chosen.score) chosen = { score, threshold: level };
  }
  const nothing = -profile.falseNegative * windowCount;
  return { ...chosen, score: (100 * (chosen.score - nothing)) / (windowTotal * profile.truePositive - nothing) };
}

/** All points behind probation, highest score first. */
function judgedPoints(corpus: readonly NabSeries[], profile: NabProfile) {
  const total = corpus.reduce((sum, { scores, labels }) => sum + scores.length - probationRows(labels.length), 0);
  const scores = new Float64Array(total);
  const weights = new Float64Array(total);
  const windows = new Int32Array(total);
  let filled = 0;
  let windowTotal = 0;
  // Windows that lie in probation as a whole cannot be met, nor are they missed.
  let windowCount = 0;
  for (const one of corpus) {
    const judgedFrom = probationRows(one.labels.length);
    const points = weighPoints(one.labels, profile);
    windowTotal += points.windows;
    const numbers = new Map<number, number>();
    for (let at = judgedFrom; at < one.scores.length; at += 1) {
      const window = points.windowOf[at]!;
      if (window >= 0 && !numbers.has(window)) {
        numbers.set(window, windowCount);
        windowCount += 1;
      }
      scores[filled] = one.scores[at]!;
      weights[filled] = points.weights[at]!;
      windows[filled] = window < 0 ? -1 : numbers.get(window)!;
      filled += 1;
    }
  }
  const order = Uint32Array.from(scores, (_, at) => at).sort((a, b) => scores[b]! - scores[a]!);
  return {
    sortedScores: Float64Array.from(order, (at) => scores[at]!),
    weights: Float64Array.from(order, (at) => weights[at]!),
    windows: Int32Array.from(order, (at) => windows[at]!),
    windowCount,
    windowTotal,
  };
}

interface WeighedPoints {
  /** What an alarm at this point is worth. */
  readonly weights: Float64Array;
  /** Which window the point lies in, -1 for none. */
  readonly windowOf: Int32Array;
  readonly windows: number;
}

/** NAB's sweep over one series' windows. */
export function weighPoints(labels: Uint8Array, profile: NabProfile): WeighedPoints {
  const segments = segmentsOf(labels);
  const weights = new Float64Array(labels.length);
  const windowOf = new Int32Array(labels.length).fill(-1);
  let next = 0;
  for (let at = 0; at < labels.length; at += 1) {
    const [first, last] = segments[next] ?? [Number.POSITIVE_INFINITY, 0];
    if (at >= first) {
      const width = last - first + 1;
      const position = -(last - at + 1) / width;
      weights[at] = (scaledSigmoid(position) * profile.truePositive) / scaledSigmoid(-1);
      windowOf[at] = next;
      if (at === last) next += 1;
      continue;
    }
    const before = segments[next - 1];
    const position = before === undefined ? farBehind : (at - before[1]) / (before[1] - before[0]);
    weights[at] = scaledSigmoid(position) * profile.falsePositive;
  }
  return { weights, windowOf, windows: segments.length };
}

import { comesEveryWindow, type RateState } from './usual-state.ts';

/** Windows between those that a template came in at an entity, as they usually are. Lengths are numbers of windows. */
export interface GapState {
  /** End of the last window it came in, 0 before any. */
  heardMs: number;
  /** Windows without it since then, each as much as the other lines were there: 1 where all were. */
  missed: number;
  /** Those of them with other lines. */
  accompanied: number;
  /** Share of windows with other lines, and of how many it was learnt. */
  othersShare: number;
  othersWindows: number;
  gaps: number;
  mean: number;
  /** Mean of the squares. */
  square: number;
  /** The longest of this period and of the one before it. */
  longest: number;
  longestBefore: number;
  /** Start of this period. */
  sinceMs: number;
  /** Windows that it must be missing for to be told; 0 for what does not come regularly, by all until it came last. */
  patience: number;
}

/** So many gaps must be known, and so many of the latest say what is usual. */
const [leastGaps, memoryGaps] = [100, 200];
/** Other lines must have come in so many windows: a pod that ends writes some more at once. */
const leastAccompanied = 3;
const memoryWindows = 360;
/** Missing is what is silent for so many times its longest gap, and for so many windows. */
const [longestTimes, leastMissed] = [4, 12];
/** Most that gaps of a regular line spread, as a share of their mean. By chance once a window and rarer they spread by .6 to 1. */
const mostSpread = 0.5;
/**
 * What comes about once a window and more often leaves gaps of one window however it comes: of those shorter in the mean,
 * the counts tell. Most that they vary, as a share of their mean (by chance 1), once so many windows were counted.
 */
const [shortGap, mostVariance, leastWindows] = [1.6, 0.6, 60];
/** Of this one and the one before it the longest gap is known: nights and weekends are in it. */
const periodMs = 7 * 86_400_000;

export function newGapState(): GapState {
  const others = { accompanied: 0, othersShare: 0, othersWindows: 0 };
  return {
    heardMs: 0,
    missed: 0,
    ...others,
    gaps: 0,
    mean: 0,
    square: 0,
    longest: 0,
    longestBefore: 0,
    sinceMs: 0,
    patience: 0,
  };
}

/**
 * How much a window without it counts by the other lines: by how much of them came (`load`, NaN where less than one a window
 * is usual), else by whether any did, so that windows count one each in the mean.
 */
export function othersOf(state: GapState, load: number, came: boolean): number {
  state.othersWindows = Math.min(memoryWindows, state.othersWindows + 1);
  state.othersShare += ((came ? 1 : 0) - state.othersShare) / state.othersWindows;
  if (!Number.isNaN(load)) return Math.min(1, load);
  return came ? 1 / state.othersShare : 0;
}

/** How many windows more than it has patience for it has been missing at `endMs`; negative for none, and for what is not missed. */
export function excessOf(state: GapState, endMs: number, windowMs: number): number {
  if (state.patience === 0 || state.accompanied < leastAccompanied) return -1;
  return Math.min(state.missed, (endMs - state.heardMs) / windowMs) - state.patience;
}

/** Takes a window in. `others`: how much it counts by the other lines, {@link othersOf}; `rate`: of the windows before. */
export function takeWindow(
  state: GapState,
  count: number,
  others: number,
  rate: RateState,
  endMs: number,
  windowMs: number,
): void {
  if (count === 0) {
    state.missed += others;
    if (others > 0) state.accompanied += 1;
    return;
  }
  const gap = (endMs - state.heardMs) / windowMs;
  // Where the other lines were missing too, it says nothing about this one.
  if (state.heardMs > 0 && 2 * state.missed >= gap - 1) learnGap(state, gap, endMs, true);
  state.heardMs = endMs;
  state.missed = 0;
  state.accompanied = 0;
  state.patience = isRegular(state, rate) ? Math.max(leastMissed, longestTimes * longestGap(state)) : 0;
}

/** The longest gap of the last one to two weeks. */
export function longestGap({ longest, longestBefore }: GapState): number {
  return Math.max(longest, longestBefore);
}

/** Takes a gap in; one that is not `usual` may be the longest all the same, but says nothing of the mean. */
export function learnGap(state: GapState, gap: number, endMs: number, usual: boolean): void {
  if (endMs - state.sinceMs > periodMs) {
    state.longestBefore = state.longest;
    state.longest = 0;
    state.sinceMs = endMs;
  }
  state.longest = Math.max(state.longest, gap);
  if (!usual) return;
  state.gaps += 1;
  const gain = 1 / Math.min(state.gaps, memoryGaps);
  state.mean += (gap - state.mean) * gain;
  state.square += (gap * gap - state.square) * gain;
}

/** Of what comes in every window the counts tell sooner. */
function isRegular({ gaps, mean, square }: GapState, rate: RateState): boolean {
  if (comesEveryWindow(rate, 1)) return false;
  if (gaps < leastGaps || square > (1 + mostSpread ** 2) * mean ** 2) return false;
  return mean >= shortGap || (rate.windows >= leastWindows && rate.variance <= mostVariance * rate.mean);
}

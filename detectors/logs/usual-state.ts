import { severityClasses } from './severity-class.ts';

/** What is remembered of an entity's mix. */
export interface MixState {
  /** Records of each class, old ones fading within half a minute. */
  recent: number[];
  /** Shares of each class over the latest half hour. */
  usual: number[];
  /** The usual size of the statistic: how unrestful the mix is by itself. */
  unrest: number;
  windows: number;
}

export function newMixState(): MixState {
  return { recent: severityClasses.map(() => 0), usual: severityClasses.map(() => 0), unrest: 0, windows: 0 };
}

/** Counts of a template in one window, as they usually are. */
export interface RateState {
  mean: number;
  variance: number;
  /** Share of windows with any. */
  present: number;
  windows: number;
}

export function newRateState(): RateState {
  return { mean: 0, variance: 0, present: 0, windows: 0 };
}

/** What is usual of two templates that have become one. */
export function sumOfRates(one: RateState, other: RateState): RateState {
  return {
    mean: one.mean + other.mean,
    variance: one.variance + other.variance,
    present: 1 - (1 - one.present) * (1 - other.present),
    windows: Math.max(one.windows, other.windows),
  };
}

const [regularShare, regularMean] = [0.99, 3];

/** Whether so much of what is usual would leave no window without it. */
export function comesEveryWindow({ present, mean }: RateState, load: number): boolean {
  return present >= regularShare && mean * load >= regularMean;
}

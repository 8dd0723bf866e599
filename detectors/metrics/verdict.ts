export const viewForecast = 1;
export const viewLevel = 2;
export const viewSeason = 3;
export const viewTrend = 4;
export const viewStep = 5;
export const viewFlat = 6;

/** What the last scored sample came to. One object, overwritten by each call: read it before the next. */
export interface Verdict {
  /** False while the series is too young to be scored, and where its silence alone is watched: the rest is then void. */
  scored: boolean;
  /** The views' evidence together, gathered over the latest samples, over what is usual for this series. */
  score: number;
  /** How remarkable that is among all series: what budgets and rankings go by; alarms are decided by the score. */
  rank: number;
  /** Evidence of this sample alone, in the same unit: at once 0 where it is back to normal. */
  present: number;
  /** The same without regard to direction and size, for the calibration of severity. */
  rawScore: number;
  deviates: boolean;
  /** One sample of it is enough, if samples are far apart. */
  enough: boolean;
  /** The view that says most. */
  view: number;
  /** Expectation and band of that view. */
  expected: number;
  lower: number;
  upper: number;
  /** Expectation and band to show. */
  bandExpected: number;
  bandLower: number;
  bandUpper: number;
  /** Score of each view by its number for this sample alone, 0 where it has nothing to say. */
  readonly viewScores: Float64Array;
  /** How much of the value comes with the hour: expectation and bands hold it, the scorer's columns do not. */
  work: number;
  /** The level was moved to where the series has stayed: whatever was firing is the new normal. */
  accepted: boolean;
}

export function createVerdict(): Verdict {
  // Numbers that are no integers from the start: V8 then overwrites them in place.
  return {
    scored: false,
    score: Number.NaN,
    rank: Number.NaN,
    present: Number.NaN,
    rawScore: Number.NaN,
    deviates: false,
    enough: false,
    view: 0,
    expected: Number.NaN,
    lower: Number.NaN,
    upper: Number.NaN,
    bandExpected: Number.NaN,
    bandLower: Number.NaN,
    bandUpper: Number.NaN,
    viewScores: new Float64Array(viewFlat + 1),
    work: Number.NaN,
    accepted: false,
  };
}

export function clearVerdict(verdict: Verdict): void {
  verdict.scored = false;
  verdict.score = 0;
  verdict.rank = 0;
  verdict.present = 0;
  verdict.rawScore = 0;
  verdict.deviates = false;
  verdict.enough = false;
  // Without a view there are no scores to clear.
  if (verdict.view !== 0) verdict.viewScores.fill(0);
  verdict.view = 0;
  verdict.work = 0;
  verdict.accepted = false;
}

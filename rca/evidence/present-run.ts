import { type Anomaly, toEpochMs } from '../../model/index.ts';
import { longStepMs } from './change-score.ts';
import { pointTime, pointValue, type SeriesHistory } from './series-history.ts';

/** Where a firing anomaly stands by its series' own points. */
export interface PresentRun {
  /** When the deviation that goes on now began, or the last one. */
  readonly onsetMs: number;
  /** First of the clean points that have come since; undefined while it goes on. */
  readonly clearMs?: number;
}

const cleanPoints = 2;
const cleanMs = 60_000;
/** Of the way to the bound: nearer to what is expected is clean, as the detectors have it. */
const cleanShare = 0.5;
/** As many deviating points begin it anew, or one that stands for long and goes twice as far. */
const deviatingPoints = 2;

/**
 * Detectors clear after a number of samples, which is half an hour where they come every five minutes: too long to tell
 * one trouble from the next. Two clean samples a minute or more apart end a run; silence beyond `staleMs` does too.
 * Series with points every ten seconds or less are cleared by their detector sooner than by this.
 */
export function presentRun(anomaly: Anomaly, history: SeriesHistory, stepMs: number, staleMs: number): PresentRun {
  const onsetMs = toEpochMs(anomaly.onset);
  const sign = anomaly.observed >= anomaly.expected ? 1 : -1;
  const room = Math.abs((sign > 0 ? anomaly.upper : anomaly.lower) - anomaly.expected);
  let run: PresentRun = { onsetMs };
  let clean = 0;
  let cleanSince = 0;
  let beyond = 0;
  let beyondSince = 0;
  let before = Number.POSITIVE_INFINITY;
  for (let at = firstFrom(history, onsetMs); at < history.length; at += 1) {
    const timeMs = pointTime(history, at);
    const excess = (pointValue(history, at) - anomaly.expected) * sign;
    if (timeMs - before > staleMs && run.clearMs === undefined) run = { onsetMs: run.onsetMs, clearMs: before };
    before = timeMs;
    if (excess <= room * cleanShare) {
      if (clean === 0) cleanSince = timeMs;
      clean += 1;
      beyond = 0;
      if (run.clearMs === undefined && clean >= cleanPoints && timeMs - cleanSince >= cleanMs)
        run = { onsetMs: run.onsetMs, clearMs: cleanSince };
      continue;
    }
    clean = 0;
    if (excess <= room) continue;
    if (beyond === 0) beyondSince = timeMs;
    beyond += 1;
    const enough = beyond >= deviatingPoints || (stepMs >= longStepMs && excess > 2 * room);
    if (run.clearMs !== undefined && enough) run = { onsetMs: beyondSince };
  }
  return run;
}

/** Index of the first point at or after a time. */
function firstFrom(history: SeriesHistory, timeMs: number): number {
  let at = history.length;
  while (at > 0 && pointTime(history, at - 1) >= timeMs) at -= 1;
  return at;
}

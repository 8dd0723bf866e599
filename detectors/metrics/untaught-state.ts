import type { SeriesColumns } from './series-columns.ts';

/** What a sample teaches a series of itself, beside its profiles by time and its trend: those are not given what teaches nothing. */
const taught = [
  'changes',
  'level',
  'levelScale',
  'lastSeason',
  'accepted',
  'acceptedMs',
  'seasonScale',
  'seasonCount',
  'stepScale',
  'still',
  'longestStill',
  'movedMs',
  'motion',
  'gathered',
  'lasting',
  'tail',
  'sudden',
  'lifeMs',
  'dayPeak',
  'dayTail',
  'dailyMs',
  'dailyRun',
  'dailyPeak',
  'dailyLeast',
  'lowest',
  'highest',
  'novelty',
  'leastResidual',
  'mostResidual',
  'fast',
  'forecastScale',
  'forecastCount',
  'sideRun',
  'sideSinceMs',
  'spread',
  'burst',
  'peak',
] as const;

/** Puts a series back to what it knew before a sample: scored like any other, it has then taught nothing. */
export interface UntaughtState {
  remember(slot: number): void;
  restore(slot: number): void;
}

export function createUntaughtState(columns: SeriesColumns): UntaughtState {
  const values = new Float64Array(taught.length);
  return {
    remember(slot) {
      for (let at = 0; at < taught.length; at += 1) values[at] = columns[taught[at]!][slot]!;
    },
    restore(slot) {
      for (let at = 0; at < taught.length; at += 1) columns[taught[at]!][slot] = values[at]!;
      // The network did not see the sample: what it expected is out of date. A step from here on is none of the series' steps.
      columns.forecast[slot] = Number.NaN;
      columns.lastValue[slot] = Number.NaN;
    },
  };
}

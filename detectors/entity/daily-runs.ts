/** What began at about the same time on so many days running. Plain data. */
export interface DailyRun {
  days: number;
  /** When it began last, the highest score since, and the least of the days before. */
  atMs: number;
  peak: number;
  least: number;
  /** Fingerprints of the series that explained it last. */
  by: readonly string[];
}

/** As of single series (`metrics/daily-work.ts`): known after so many days, if no earlier or later than this on the next. */
const knownDays = 3;
const slackMs = 3_600_000;
/** It may rest at a weekend. */
const longestRest = 3;
/** It may be so many times as strange as on the quietest day, which counts for a little more with each day. */
const tolerance = 1.5;
const growth = 1.1;
/** A job that is strange when it begins and when it ends has two. */
const mostRuns = 4;
const dayMs = 86_400_000;

/**
 * Takes in that something began: at about the time of day of a run, or within an hour of when one began last; else it is the
 * first of a new one. That run is the last of `runs` then. Gives the score up to which it is known and need not be told.
 */
export function noteBegin(runs: DailyRun[], atMs: number, score: number, by: readonly string[]): number {
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const { days, atMs: beganMs } = runs[at]!;
    if (atMs - beganMs > restOf(days) * dayMs + slackMs) runs.splice(at, 1);
  }
  const due = runs
    .map((run) => ({ run, offMs: offTime(run, atMs) }))
    .filter(({ offMs }) => offMs <= slackMs)
    .sort((a, b) => a.offMs - b.offMs)[0]?.run;
  const run = due ?? runs.find(({ atMs: beganMs }) => atMs - beganMs <= slackMs);
  if (run === undefined) {
    if (runs.length === mostRuns) runs.shift();
    runs.push({ days: 1, atMs, peak: score, least: score, by });
    return 0;
  }
  const isKnown = run.days >= knownDays && run.by.includes(by[0]!);
  if (run === due) {
    run.least = run.days > 1 ? Math.min(growth * run.least, run.peak) : run.peak;
    run.days += 1;
    run.atMs = atMs;
    run.peak = 0;
  }
  run.by = by;
  notePeak(run, score);
  runs.push(...runs.splice(runs.indexOf(run), 1));
  return isKnown ? tolerance * run.least : 0;
}

export function notePeak(run: DailyRun, score: number): void {
  run.peak = Math.max(run.peak, score);
}

const restOf = (days: number) => (days > knownDays ? longestRest : 1);

/** How far from the time of day at which it is due. */
function offTime({ days, atMs }: DailyRun, nowMs: number): number {
  const ago = nowMs - atMs;
  const daysAgo = Math.min(Math.max(Math.round(ago / dayMs), 1), restOf(days));
  return Math.abs(ago - daysAgo * dayMs);
}

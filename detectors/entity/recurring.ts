/** What began at about the same time so many days, or hours, running. Plain data. */
export interface Run {
  times: number;
  /** When it began last, the highest score since, and the least of the times before. */
  atMs: number;
  peak: number;
  least: number;
  /** How long it ever lasted. */
  longestMs: number;
  /** Fingerprints of the series that explained it. */
  readonly by: string[];
}

/** What recurs at an entity, that which began last at the end. Plain data. */
export interface Recurring {
  readonly daily: Run[];
  readonly hourly: Run[];
}

interface Period {
  readonly periodMs: number;
  /** It may begin so much earlier or later than the last time. */
  readonly slackMs: number;
  /** What begins so shortly after it belongs to it. */
  readonly hereMs: number;
}

const hourMs = 3_600_000;
/** As of single series (`metrics/daily-work.ts`). */
const day: Period = { periodMs: 24 * hourMs, slackMs: hourMs, hereMs: hourMs };
/** Cron keeps to the minute. As of single series (`metrics/hourly-work.ts`) the work of an hour may be done, and end, at any time of it. */
const hour: Period = { periodMs: hourMs, slackMs: hourMs / 24, hereMs: hourMs };

/** Known after so many times. */
const knownTimes = 3;
/** It may rest at a weekend. */
const longestRest = 3;
/** It may be so many times as strange as at its quietest, which counts for a little more each time, and last so many times as long. */
const tolerance = 1.5;
const growth = 1.1;
/** A job that is strange when it begins and when it ends has two. */
const mostRuns = 4;

export function createRecurring(): Recurring {
  return { daily: [], hourly: [] };
}

/** Up to which score, and for how long, something is known and need not be told. */
export interface Known {
  readonly score: number;
  readonly forMs: number;
}

const unknown: Known = { score: 0, forMs: 0 };

/** Takes in that something began, and gives as what it is known. */
export function noteBegin({ daily, hourly }: Recurring, atMs: number, score: number, by: readonly string[]): Known {
  const [ofDay, ofHour] = [noteRun(daily, day, atMs, score, by), noteRun(hourly, hour, atMs, score, by)];
  return ofDay.score > ofHour.score ? ofDay : ofHour;
}

/** Takes in that what began last has this score now, and has lasted so long. */
export function noteScore({ daily, hourly }: Recurring, score: number, lastedMs: number): void {
  for (const run of [daily.at(-1), hourly.at(-1)]) {
    if (run === undefined) continue;
    run.peak = Math.max(run.peak, score);
    run.longestMs = Math.max(run.longestMs, lastedMs);
  }
}

function noteRun(runs: Run[], period: Period, atMs: number, score: number, by: readonly string[]): Known {
  const { periodMs, slackMs, hereMs } = period;
  for (let at = runs.length - 1; at >= 0; at -= 1) {
    const { times, atMs: beganMs } = runs[at]!;
    if (atMs - beganMs > restOf(times) * periodMs + slackMs) runs.splice(at, 1);
  }
  const due = runs
    .map((run) => ({ run, offMs: offTime(run, period, atMs) }))
    .filter(({ offMs }) => offMs <= slackMs)
    .sort((a, b) => a.offMs - b.offMs)[0]?.run;
  const run = due ?? runs.find(({ atMs: beganMs }) => atMs - beganMs <= hereMs);
  if (run === undefined) {
    if (runs.length === mostRuns) runs.shift();
    runs.push({ times: 1, atMs, peak: score, least: score, longestMs: 0, by: [...by] });
    return unknown;
  }
  const isKnown = run.times >= knownTimes && run.by.includes(by[0]!);
  if (run === due) {
    run.least = run.times > 1 ? Math.min(growth * run.least, run.peak) : run.peak;
    run.times += 1;
    run.atMs = atMs;
    run.peak = 0;
  }
  run.peak = Math.max(run.peak, score);
  run.by.push(...by.filter((each) => !run.by.includes(each)));
  runs.push(...runs.splice(runs.indexOf(run), 1));
  return isKnown ? { score: tolerance * run.least, forMs: tolerance * run.longestMs } : unknown;
}

const restOf = (times: number) => (times > knownTimes ? longestRest : 1);

/** How far from the time at which it is due. */
function offTime({ times, atMs }: Run, { periodMs }: Period, nowMs: number): number {
  const ago = nowMs - atMs;
  const passed = Math.min(Math.max(Math.round(ago / periodMs), 1), restOf(times));
  return Math.abs(ago - passed * periodMs);
}

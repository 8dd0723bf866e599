import { type Gathering, usualTail } from './fusion.ts';
import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { WallClock } from './wall-clock.ts';

/** What came on so many days running is known, if it came no earlier or later than this on the next. */
const knownDays = 3;
const slackMs = 3_600_000;
/** Once known it is due so many days later as well: it may rest at a weekend, or be lost in the day's rhythm for once. */
const longestRest = 3;
/** It may be so many times as much as on the quietest of them, which counts for a little more with each day. */
const tolerance = 1.5;
const growth = 1.1;
const dayMs = 86_400_000;
const longestRun = 255;

export interface DailyWork {
  note(
    columns: SeriesColumns,
    slot: number,
    gathering: Pick<Gathering, 'before' | 'factor' | 'usual'>,
    sample: Pick<Sample, 'timeMs'>,
    threshold: number,
  ): void;
}

/**
 * Follows what begins at about the same time each day, such as a backup whose minute drifts: too brief for the season of the
 * day, and too seldom for the tail. Leaves in `gathering.usual` by what the evidence is to be divided before anybody is told:
 * the series' tail, or from the fourth day on, within an hour of its time, the least that has gathered on the days before. That
 * follows what gathers upwards: the same work says more as scales settle and a season is known. The
 * score is not touched. What is there all day begins only once, so it is never taken for such work. One run is followed a
 * series: what comes at another time of the day is news until the run is broken. Where clocks were changed in between it may have
 * kept to them or not.
 */
export function createDailyWork(readWallClock: WallClock): DailyWork {
  const moment = { timeMs: Number.NaN, localMs: Number.NaN };

  /** By how much clocks were put on since the work began last. */
  function shiftSince(columns: SeriesColumns, slot: number, { timeMs }: Pick<Sample, 'timeMs'>): number {
    const sinceMs = columns.dailyMs[slot]!;
    moment.timeMs = sinceMs;
    readWallClock(moment);
    const before = moment.localMs - sinceMs;
    moment.timeMs = timeMs;
    readWallClock(moment);
    return moment.localMs - timeMs - before;
  }

  function note(
    columns: SeriesColumns,
    slot: number,
    gathering: Pick<Gathering, 'before' | 'factor' | 'usual'>,
    sample: Pick<Sample, 'timeMs'>,
    threshold: number,
  ): void {
    const gathered = columns.gathered[slot]!;
    const limit = threshold * gathering.factor;
    const run = columns.dailyRun[slot]!;
    gathering.usual = gathering.factor;
    if (run === 0 && gathered < limit) return;

    const ago = sample.timeMs - columns.dailyMs[slot]!;
    const longest = run > knownDays ? longestRest : 1;
    const days = Math.min(Math.max(Math.round(ago / dayMs), 1), longest);
    const off = ago - days * dayMs;
    const isDue =
      Math.abs(off) <= slackMs ||
      (Math.abs(off) <= 2 * slackMs && Math.abs(off + shiftSince(columns, slot, sample)) <= slackMs);
    const isHere = ago <= slackMs;
    const peak = columns.dailyPeak[slot]!;
    const least = run > 1 ? Math.min(growth * columns.dailyLeast[slot]!, peak) : peak;
    if (isDue && run >= knownDays) gathering.usual = Math.max(gathering.factor, (tolerance * least) / usualTail);
    else if (isHere && run > knownDays)
      gathering.usual = Math.max(gathering.factor, (tolerance * columns.dailyLeast[slot]!) / usualTail);

    const begins = gathered >= limit && gathering.before < limit;
    if (begins && run > 0 && isDue) {
      columns.dailyRun[slot] = Math.min(run + 1, longestRun);
      columns.dailyLeast[slot] = least;
      columns.dailyMs[slot] = sample.timeMs;
      columns.dailyPeak[slot] = gathered;
    } else if (begins && (run === 0 || ago > longest * dayMs + slackMs)) {
      columns.dailyRun[slot] = 1;
      columns.dailyMs[slot] = sample.timeMs;
      columns.dailyPeak[slot] = gathered;
    } else if (isHere && gathered > peak) columns.dailyPeak[slot] = gathered;
  }

  return { note };
}

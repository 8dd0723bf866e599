import type { Gathering } from './fusion.ts';
import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { Verdict } from './verdict.ts';

/** What a new series is taken to reach in a day, and what of that asks for nothing. */
const firstPeak = 5.5;
const usualPeak = 4;
const dayMs = 86_400_000;

export function startDays(columns: SeriesColumns, slot: number): void {
  columns.dayTail[slot] = firstPeak;
}

/**
 * Takes what has gathered into the highest of the day; when a day is over, the geometric mean of those takes it in, as if one
 * day had been lived already: what a series reaches daily is its nature, however short it lasts. So is the work that comes
 * with the hour: `worked` is what it would have said.
 */
export function noteDay(
  columns: SeriesColumns,
  slot: number,
  gathering: Pick<Gathering, 'gathered' | 'worked'>,
  sample: Pick<Sample, 'newDay'>,
): void {
  if (sample.newDay && columns.dayPeak[slot]! > 0) {
    const ratio = columns.dayPeak[slot]! / columns.dayTail[slot]!;
    columns.dayTail[slot] = columns.dayTail[slot]! * ratio ** (1 / (1 + columns.lifeMs[slot]! / dayMs));
    columns.dayPeak[slot] = 0;
  }
  columns.dayPeak[slot] = Math.max(columns.dayPeak[slot]!, gathering.gathered, gathering.worked);
}

/**
 * Leaves in the verdict how remarkable its score is among those of all series, in the same unit: over what its series
 * reaches daily where that is more than its tail, weighed by the square of how new its values are, and squared below the
 * threshold. Alarms are decided by the score, since noise has new extremes too; who has room for so many of them a week
 * takes those that rank highest.
 */
export function rank(
  columns: SeriesColumns,
  slot: number,
  verdict: Pick<Verdict, 'score' | 'rank'>,
  gathering: Pick<Gathering, 'factor'>,
  threshold: number,
): void {
  const daily = columns.dayTail[slot]! / usualPeak;
  const over = (verdict.score * gathering.factor) / Math.max(daily, gathering.factor);
  const weight = 1 + columns.novelty[slot]!;
  verdict.rank = weight * weight * over * Math.min(1, over / threshold);
}

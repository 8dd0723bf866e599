import type { Gathering } from './fusion.ts';
import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { Verdict } from './verdict.ts';

/** What a new series is taken to reach in a day, and what of that asks for nothing. */
const firstPeak = 5.5;
const usualPeak = 4.5;
const dayMs = 86_400_000;
/** What was told is no news for this long, or so many samples where those are longer, unless it is so many times as much. */
const oldMs = 1_800_000;
const oldSamples = 12;
const newsFactor = 2;
/** What a repetition counts. */
const repeated = 0.5;

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

/**
 * Halves the rank of what was told lately and is not twice as much now: an incident is told once, whatever its samples say.
 * Told is what reached the threshold; so nothing below it hides what comes.
 */
export function tellOnce(
  columns: SeriesColumns,
  slot: number,
  verdict: Pick<Verdict, 'rank'>,
  sample: Pick<Sample, 'timeMs'>,
  threshold: number,
): void {
  const told = columns.toldRank[slot]!;
  const old = Math.max(oldMs, oldSamples * columns.intervalMs[slot]!);
  if (told > 0 && sample.timeMs - columns.toldMs[slot]! <= old && verdict.rank <= newsFactor * told) {
    verdict.rank = repeated * Math.min(verdict.rank, told);
  } else if (verdict.rank >= threshold) {
    columns.toldRank[slot] = verdict.rank;
    columns.toldMs[slot] = sample.timeMs;
  }
}

/** The rank of a sample's score, less where it is no news. */
export function rankNews(
  columns: SeriesColumns,
  slot: number,
  verdict: Pick<Verdict, 'score' | 'rank'>,
  gathering: Pick<Gathering, 'factor'>,
  sample: Pick<Sample, 'timeMs'>,
  threshold: number,
): void {
  rank(columns, slot, verdict, gathering, threshold);
  tellOnce(columns, slot, verdict, sample, threshold);
}

/** The rank of an anomaly that began at `onsetMs`: what was told of it, or what its latest sample says where that is more. */
export function rankSince(
  columns: SeriesColumns,
  slot: number,
  verdict: Pick<Verdict, 'rank'>,
  onsetMs: number,
): number {
  return columns.toldMs[slot]! >= onsetMs ? Math.max(verdict.rank, columns.toldRank[slot]!) : verdict.rank;
}

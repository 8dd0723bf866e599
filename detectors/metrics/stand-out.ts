import { establishedMs } from './bursts.ts';
import type { Gathering } from './fusion.ts';
import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { Verdict } from './verdict.ts';

/** Beside a season, so many thresholds against the recent past make a deviation sudden; it counts a tenth less a sample later. */
const suddenFactor = 4 / 3;
const suddenKept = 0.9;
/** What comes to so many thresholds is told however it came. */
const extremeFactor = 2;
/** So far above the usual may be the tail of a series of which one sample is believed. */
const calmTail = 2;

/**
 * Leaves in `gathering.told` what of the evidence may be told, over what is usual. Where a season is known, what deviates must
 * also stand out from the minutes before it: from the last value, the forecast or the recent level, all of which the season is
 * taken off or follow it. A day that is quieter or busier than the weeks before drifts away from its season and stays there; of
 * the false alarms of web-service KPIs this was the half. The score is not touched.
 */
export function standOut(
  columns: SeriesColumns,
  slot: number,
  gathering: Gathering,
  sample: Pick<Sample, 'season'>,
  threshold: number,
): void {
  const sudden = Math.max(gathering.sudden, suddenKept * columns.sudden[slot]!);
  columns.sudden[slot] = sudden;
  const told = gathering.gathered / gathering.usual;
  const isNews = Number.isNaN(sample.season) || sudden >= suddenFactor * threshold || told >= extremeFactor * threshold;
  gathering.told = isNews ? told : 0;
}

/**
 * Whether a single sample with this verdict is enough to be told, where samples are far apart: if twice the threshold has
 * gathered, or if the sample says as much by itself and the series is known well enough to believe it, being established and
 * without many bursts.
 */
export function isEnough(
  columns: Pick<SeriesColumns, 'lifeMs'>,
  slot: number,
  verdict: Pick<Verdict, 'score' | 'present'>,
  gathering: Pick<Gathering, 'usual'>,
  threshold: number,
): boolean {
  const extreme = extremeFactor * threshold;
  if (verdict.score >= extreme) return true;
  return verdict.present >= extreme && gathering.usual <= calmTail && columns.lifeMs[slot]! >= establishedMs;
}

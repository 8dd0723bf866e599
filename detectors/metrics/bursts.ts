import type { Sample } from './sample.ts';
import type { SeriesColumns } from './series-columns.ts';

const dayMs = 86_400_000;
/** A series this old has shown what it does. */
export const establishedMs = 14 * dayMs;
/**
 * An alarm that came and went raises what counts as material a quarter of the way to its own size: after some alike within
 * days they are the series' nature. Of an established series the less of the way the older it is, but a twentieth.
 */
const youngGain = 0.25;
const leastGain = 0.05;
/** Forgotten with a time constant of a fifth of its life, in whole days. */
const lifeShare = 0.2;
const leastDays = 3;
const mostDays = 10;

/**
 * Takes the size of an alarm that is over, the largest distance from what was expected, into the size from which a series'
 * deviations are material. A margin above that size, tried at a fifth and a half, costs more recall than it saves alarms.
 */
export function learnBurst(columns: SeriesColumns, slot: number, threshold: number): void {
  const wanted = columns.peak[slot]! / threshold;
  const burst = columns.burst[slot]!;
  if (wanted <= burst) return;
  const gain = Math.max(leastGain, youngGain * Math.min(1, establishedMs / columns.lifeMs[slot]!));
  columns.burst[slot] = burst + gain * (wanted - burst);
}

/** Lets what was learnt fade. */
export interface BurstFading {
  /** For as long as the last sample is ago. */
  fade(slot: number, sample: Readonly<Pick<Sample, 'gapMs'>>): void;
}

export function createBurstFading(columns: SeriesColumns): BurstFading {
  /** Most series fade alike: their samples come as often, and they are about as old. */
  let fadedBy = Number.NaN;
  let left = Number.NaN;

  return {
    fade(slot, { gapMs }) {
      const days = Math.floor((lifeShare * columns.lifeMs[slot]!) / dayMs);
      const by = gapMs / Math.min(Math.max(days, leastDays), mostDays);
      if (by !== fadedBy) {
        fadedBy = by;
        left = Math.exp(-by / dayMs);
      }
      columns.burst[slot]! *= left;
    },
  };
}

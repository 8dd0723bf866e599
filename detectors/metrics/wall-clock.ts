import type { ZoneClock } from '../calendar/index.ts';
import type { Sample } from './sample.ts';

/** Puts into a sample what the clock on the wall shows at its time. */
export type WallClock = (sample: Pick<Sample, 'timeMs' | 'localMs'>) => void;

export function createWallClock(calendar: Pick<ZoneClock, 'offsetMs'>): WallClock {
  /** Of the minute that was asked about last: clocks change at whole minutes. */
  let offsetMinute = Number.NaN;
  let offsetMs = 0;

  return (sample) => {
    const minute = Math.floor(sample.timeMs / 60_000);
    if (minute !== offsetMinute) {
      offsetMinute = minute;
      offsetMs = calendar.offsetMs(sample.timeMs);
    }
    sample.localMs = sample.timeMs + offsetMs;
  };
}

import { KybernError, type MaintenanceSpec, toEpochMs, weekdays } from '../../model/index.ts';
import { createZoneClock, type ZoneClock } from '../calendar/index.ts';

const dayMs = 86_400_000;
const minuteMs = 60_000;

/** Whether a maintenance window is open at a time, epoch milliseconds; its end is not part of it. */
export type WindowTimes = (timeMs: number) => boolean;

/**
 * The times of a window. One that is weekly begins at a local time of day, on the days it names, and lasts so many minutes
 * of real time, whatever the clocks do meanwhile. Throws KYBERN_BAD_REQUEST where its times cannot be.
 */
export function createWindowTimes(spec: MaintenanceSpec, calendar: ZoneClock): WindowTimes {
  const { from, to, weekly } = spec;
  if (weekly === undefined) {
    if (from === undefined || to === undefined) throw badTimes('it needs from and to, or weekly');
    const [fromMs, toMs] = [toEpochMs(from), toEpochMs(to)];
    if (!(fromMs < toMs)) throw badTimes('it ends before it begins');
    return (timeMs) => timeMs >= fromMs && timeMs < toMs;
  }
  if (from !== undefined || to !== undefined) throw badTimes('weekly goes without from and to');
  const clock = weekly.timeZone === undefined ? calendar : zoneOf(weekly.timeZone);
  const days = new Set(weekly.days.map((name) => weekdays.indexOf(name)));
  const [hours, minutes] = weekly.start.split(':').map(Number) as [number, number];
  const startMs = (hours * 60 + minutes) * minuteMs;
  const lengthMs = weekly.minutes * minuteMs;
  const daysBack = Math.ceil(lengthMs / dayMs) + 1;
  return (timeMs) => {
    const today = Math.floor((timeMs + clock.offsetMs(timeMs)) / dayMs);
    for (let day = today; day >= today - daysBack; day -= 1) {
      if (!days.has((((day + 4) % 7) + 7) % 7)) continue;
      const beginsMs = clock.epochMs(day * dayMs + startMs);
      if (timeMs >= beginsMs && timeMs < beginsMs + lengthMs) return true;
    }
    return false;
  };
}

function zoneOf(timeZone: string): ZoneClock {
  try {
    return createZoneClock(timeZone);
  } catch (error) {
    throw badTimes(`there is no time zone ${timeZone}`, error);
  }
}

function badTimes(what: string, cause?: unknown): KybernError {
  return new KybernError('KYBERN_BAD_REQUEST', `The maintenance window's times cannot be: ${what}.`, { cause });
}

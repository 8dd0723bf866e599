import { KybernError, weekdays } from '../../model/index.ts';
import type { CalendarConfig } from './config.ts';
import { createZoneClock, type ZoneClock } from './zone-clock.ts';

const dayMs = 86_400_000;

export const workday = 0;
export const weekend = 1;
export const holiday = 2;
export type DayClass = typeof workday | typeof weekend | typeof holiday;

/** Local days and times of day. All are arithmetic on cached offsets: nothing is allocated per call. */
export interface Calendar extends ZoneClock {
  /** Days since 1970-01-01 on local calendars. */
  localDay(timeMs: number): number;
  /** What local clocks show, in seconds since local midnight: [0, 86400). */
  secondOfDay(timeMs: number): number;
  /** 0 for Sunday. */
  weekday(timeMs: number): number;
  /** Of the local day: {@link workday}, {@link weekend} or {@link holiday}. */
  dayClass(timeMs: number): DayClass;
  /** The same of a local day, counted from 1970-01-01. */
  dayClassOf(localDay: number): DayClass;
}

/** Throws KYBERN_CONFIG for a time zone or a day that there is not. */
export function createCalendar(config: CalendarConfig): Calendar {
  const clock = createZoneClock(config.timeZone);
  const free = new Set<number>(config.weekend.map((name) => weekdays.indexOf(name)));
  const { days, yearly } = holidaysOf(config.holidays);
  let classedDay = Number.NaN;
  let classed: DayClass = workday;

  const localDay = (timeMs: number) => Math.floor((timeMs + clock.offsetMs(timeMs)) / dayMs);
  const weekdayOf = (day: number) => (((day + 4) % 7) + 7) % 7;

  function classOf(day: number): DayClass {
    if (days.has(day)) return holiday;
    if (yearly.size > 0) {
      const date = new Date(day * dayMs);
      if (yearly.has((date.getUTCMonth() + 1) * 100 + date.getUTCDate())) return holiday;
    }
    return free.has(weekdayOf(day)) ? weekend : workday;
  }

  function dayClassOf(day: number): DayClass {
    if (day !== classedDay) {
      classedDay = day;
      classed = classOf(day);
    }
    return classed;
  }

  return {
    ...clock,
    localDay,
    secondOfDay(timeMs) {
      const local = timeMs + clock.offsetMs(timeMs);
      return Math.floor((local - Math.floor(local / dayMs) * dayMs) / 1000);
    },
    weekday: (timeMs) => weekdayOf(localDay(timeMs)),
    dayClass: (timeMs) => dayClassOf(localDay(timeMs)),
    dayClassOf,
  };
}

/** UTC, Saturdays and Sundays free, no holidays. */
export const utcCalendar: Calendar = createCalendar({ timeZone: 'UTC', weekend: ['sat', 'sun'], holidays: [] });

function holidaysOf(texts: readonly string[]): { readonly days: Set<number>; readonly yearly: Set<number> } {
  const days = new Set<number>();
  const yearly = new Set<number>();
  for (const text of texts) {
    const each = /^(\d{2})-(\d{2})$/.exec(text);
    if (each !== null) {
      // A leap year, so that 29 February is a day.
      dayOf(`2024-${text}`);
      yearly.add(Number(each[1]) * 100 + Number(each[2]));
      continue;
    }
    const [first = '', last = first] = text.split('/');
    const from = dayOf(first);
    const to = dayOf(last);
    if (to < from) throw new KybernError('KYBERN_CONFIG', `holidays ${text} end before they begin`);
    if (to - from > 366) throw new KybernError('KYBERN_CONFIG', `holidays ${text} last more than a year`);
    for (let day = from; day <= to; day += 1) days.add(day);
  }
  return { days, yearly };
}

function dayOf(text: string): number {
  const digits = text.replaceAll('-', '');
  const iso = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6, 8)}`;
  const ms = Date.parse(`${iso}T00:00:00Z`);
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 10) !== iso) {
    throw new KybernError('KYBERN_CONFIG', `there is no day ${text}`);
  }
  return ms / dayMs;
}

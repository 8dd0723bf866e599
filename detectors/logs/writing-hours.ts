import { type Calendar, holiday, workday } from '../calendar/index.ts';

/** In which hours of which days somebody writes throughout. */
export interface WritingHours {
  /** By slot: how often in a row it wrote throughout that hour of such days, {@link mostRun} at most. */
  readonly runs: Uint8Array;
  /** Of this hour: a bit for each quarter with a line. */
  quarters: number;
  /** Hours it was watched, and the share of those that it wrote throughout. */
  hours: number;
  share: number;
  /** Of the hour before this one. */
  wasFull: boolean;
  /** Its lines are expected in this hour. */
  isExpected: boolean;
  /** It was watched from this hour's beginning. */
  isWhole: boolean;
}

/** An hour of local time: its number, and its slot among the hours of days of its kind, and the slots beside it. */
export interface LocalHour {
  readonly id: number;
  readonly slot: number;
  readonly before: number;
  readonly after: number;
}

const hourMs = 3_600_000;
/** Workdays are of one kind; of the free ones each weekday is of its own, holidays are like Sundays. */
const slotCount = 8 * 24;
const allQuarters = 15;
/** Who writes at all hours is known by one of a kind; else five, so that a working week's short day is among them. */
const [leastHours, steadyShare, steadyRun, mostRun] = [24, 0.95, 1, 5];
const memoryHours = 168;

export function newWritingHours(): WritingHours {
  const runs = new Uint8Array(slotCount);
  return { runs, quarters: 0, hours: 0, share: 0, wasFull: false, isExpected: false, isWhole: false };
}

export function localHourOf(calendar: Calendar, timeMs: number): LocalHour {
  return {
    id: calendar.localDay(timeMs) * 24 + hourOf(calendar, timeMs),
    slot: slotOf(calendar, timeMs),
    before: slotOf(calendar, timeMs - hourMs),
    after: slotOf(calendar, timeMs + hourMs),
  };
}

/** The bit of the quarter that a time is in. */
export function quarterOf(calendar: Calendar, timeMs: number): number {
  return 1 << Math.floor((calendar.secondOfDay(timeMs) % 3600) / 900);
}

/** An hour is over and another begins. `isTaught`: it was watched, and nothing but its writer decided on its lines. */
export function nextHour(state: WritingHours, from: LocalHour, to: LocalHour, isTaught: boolean): void {
  const isFull = state.quarters === allQuarters;
  // Days begin and end some minutes earlier or later each time: an hour beside a quiet one is not counted on. What the hour
  // before was like today says nothing of that, or a silence would end by itself.
  const needed = writesAllHours(state) ? steadyRun : mostRun;
  const least = Math.min(state.runs[to.before]!, state.runs[to.slot]!, state.runs[to.after]!);
  state.isExpected = state.hours >= leastHours && least >= needed;
  if (isTaught && state.isWhole) {
    state.hours += 1;
    state.share += ((isFull ? 1 : 0) - state.share) / Math.min(state.hours, memoryHours);
    state.runs[from.slot] = isFull ? Math.min(mostRun, state.runs[from.slot]! + 1) : 0;
  }
  state.wasFull = isFull;
  state.quarters = 0;
  state.isWhole = true;
}

/** Whether it has no night, nor another pause of its own. */
export function writesAllHours({ share }: WritingHours): boolean {
  return share >= steadyShare;
}

function hourOf(calendar: Calendar, timeMs: number): number {
  return Math.floor(calendar.secondOfDay(timeMs) / 3600);
}

function slotOf(calendar: Calendar, timeMs: number): number {
  const dayClass = calendar.dayClass(timeMs);
  const kind = dayClass === workday ? 0 : dayClass === holiday ? 1 : 1 + calendar.weekday(timeMs);
  return kind * 24 + hourOf(calendar, timeMs);
}

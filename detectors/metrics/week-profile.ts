import { type DayClass, holiday, weekend } from '../calendar/index.ts';
import { createColumns, ensureRows, loadColumns, loadRows, saveColumns, saveRows } from '../checkpoint/columns.ts';
import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createRowSlots } from './row-slots.ts';
import type { Moment } from './season-profile.ts';

const hourMs = 3_600_000;
const hoursPerDay = 24;
/** A row of hours for each weekday from Sunday on, and one for holidays. */
const kinds = 8;
const ofHolidays = 7;
/** A row is believed once its day was seen so often, and the whole once so many weeks were. */
const knownWeeks = 3;
const knownDays = 7 * knownWeeks;
/** A row of an older day than this says as much as a newer one would: it is followed this slowly. */
const slowest = 1 / 4;
/** An hour this many times as far off as usual teaches no more: an incident is not a weekday's habit. */
const clip = 3;
/** Weekly distances must leave less than this of the squared error held out; in use, they may leave so much. */
const winning = 0.8;
const losing = 0.9;
/** Hours over which both errors are averaged. */
const errorMemory = 14 * hoursPerDay;
/** Whoever has not won by then leaves. */
const longestTrialDays = 5 * 7;

/** An edge of the day is the same on this day of the week if the distances around it change by less than this share of it. */
const ownEdge = 1 / 4;

const columnTypes = {
  /** Hour since the epoch that is being filled, the distances in it and how many. */
  hour: Float64Array,
  sum: Float64Array,
  points: Uint8Array,
  /** Hours of its day that have been taken in, and days so far. */
  hoursToday: Uint8Array,
  days: Uint16Array,
  /** Held-out squared errors without and with the weekly distances, hours they are known from, and the usual error. */
  plain: Float64Array,
  weekly: Float64Array,
  judged: Uint32Array,
  usual: Float64Array,
  /** 1: what it says is used. */
  used: Uint8Array,
  /** Hour entered, and weekly distance at its two borders. */
  entered: Float64Array,
  here: Float64Array,
  next: Float64Array,
  /** How far that hour's distance lies from those of the hours around it, and the least and the most usual of the three. */
  turn: Float64Array,
  least: Float64Array,
  most: Float64Array,
};

/** Puts the season of the day in an hour since the epoch into a column; NaN while unknown. */
export type ReadHour = (hour: number, into: Float64Array, at: number) => void;

/** What is usual at a time, and around it: see the season's `Moment`. */
type Around = Pick<Moment, 'least' | 'most' | 'rise'>;

export interface DayKinds {
  /** Of a local day, counted from 1970-01-01. */
  dayClassOf(localDay: number): DayClass;
}

/**
 * How far each hour of the week, and of holidays, lies off the season of the day. Rows are learnt by weekday, and used only
 * while they explain the following hours better than the season of the day alone does: an expert is chosen by the error it
 * makes on what it has not seen yet. 0.7 KiB a slot at most.
 */
export interface WeekProfiles {
  allocate(): number;
  free(slot: number): void;
  /** Takes in how far a quarter of an hour was off the season of the day. False once there is no hope: free the slot. */
  observe(slot: number, localMs: number, distance: number): boolean;
  /** Goes to the hour of this time. */
  enter(slot: number, localMs: number, readHour: ReadHour): void;
  /**
   * Distances are known by the hour, and do not tell when within it an edge comes: where a week's day has one that the others do
   * not have, or lacks theirs, all between what is usual in this hour and in those around it is as usual.
   */
  widen(slot: number, around: Around): void;
  /** What is to be added to the season of the day, at a time in the hour last entered, borders included; 0 while it is not used. */
  at(slot: number, localMs: number): number;
  /** One slot, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createWeekProfiles(calendar: DayKinds): WeekProfiles {
  const slots = createRowSlots(columnTypes, kinds, hoursPerDay);
  const { columns, rows } = slots;
  const dayTypes = { seen: Uint8Array };
  /** By slot and kind of day: how often such a day was seen. */
  const dayTable = createColumns(dayTypes, 16 * kinds);

  function kindOf(day: number): number {
    return calendar.dayClassOf(day) === holiday ? ofHolidays : weekdayOf(day);
  }

  /** The kind whose row speaks for a day: a holiday is like the last day of the weekend before it has been seen enough. */
  function speakerFor(slot: number, day: number): number {
    const kind = kindOf(day);
    if (kind !== ofHolidays || dayTable.seen[slot * kinds + kind]! >= knownWeeks) return kind;
    for (let other = day - 1; other > day - 8; other -= 1) {
      if (calendar.dayClassOf(other) === weekend && calendar.dayClassOf(other + 1) !== weekend) return weekdayOf(other);
    }
    return kind;
  }

  function known(slot: number, hour: number): number {
    const day = Math.floor(hour / hoursPerDay);
    const kind = speakerFor(slot, day);
    const row = slots.rowAt(slot, kind);
    if (row < 0 || dayTable.seen[slot * kinds + kind]! < knownWeeks) return 0;
    const distance = rows.get(row, hour - day * hoursPerDay);
    return Number.isNaN(distance) ? 0 : distance;
  }

  /** Judges what was expected of the hour that is over, then learns from it. */
  function learn(slot: number): void {
    const hour = columns.hour[slot]!;
    const distance = columns.sum[slot]! / columns.points[slot]!;
    const day = Math.floor(hour / hoursPerDay);
    const kind = kindOf(day);
    const row = slots.ownRow(slot, kind);
    const expected = rows.get(row, hour - day * hoursPerDay);
    columns.hoursToday[slot] = columns.hoursToday[slot]! + 1;
    if (Number.isNaN(expected)) {
      rows.set(row, hour - day * hoursPerDay, distance);
      return;
    }
    const judged = columns.judged[slot]! + 1;
    columns.judged[slot] = judged;
    const error = distance - expected;
    const gain = Math.max(1 / judged, 1 / errorMemory);
    const usual = columns.usual[slot]!;
    columns.usual[slot] = usual + gain * (Math.min(Math.abs(error), judged > 24 ? clip * usual : Infinity) - usual);
    // Both are clipped alike, by what is usual without the week: an incident decides nothing.
    const most = clip * clip * Math.max(columns.plain[slot]!, columns.weekly[slot]!);
    const limit = judged > 24 && most > 0 ? most : Infinity;
    columns.plain[slot]! += gain * (Math.min(distance * distance, limit) - columns.plain[slot]!);
    columns.weekly[slot]! += gain * (Math.min(error * error, limit) - columns.weekly[slot]!);
    const far = judged > 24 ? clip * columns.usual[slot]! : Infinity;
    const step =
      Math.max(1 / (dayTable.seen[slot * kinds + kind]! + 1), slowest) * Math.max(-far, Math.min(far, error));
    rows.set(row, hour - day * hoursPerDay, expected + step);
  }

  /** A day is over: what it showed counts if most of it was seen. */
  function endDay(slot: number, day: number): void {
    if (2 * columns.hoursToday[slot]! >= hoursPerDay) {
      const at = slot * kinds + kindOf(day);
      dayTable.seen[at] = Math.min(255, dayTable.seen[at]! + 1);
    }
    columns.hoursToday[slot] = 0;
    columns.days[slot] = Math.min(65_535, columns.days[slot]! + 1);
    const share = columns.plain[slot]! > 0 ? columns.weekly[slot]! / columns.plain[slot]! : 1;
    if (columns.days[slot]! >= knownDays)
      columns.used[slot] = share < (columns.used[slot] === 1 ? losing : winning) ? 1 : 0;
  }

  /** What is usual in the hour entered and in those around it. */
  const hours = new Float64Array(1);

  function lookAround(slot: number, hour: number, readHour: ReadHour): void {
    const own = known(slot, hour);
    let turn = 0;
    let least = Number.POSITIVE_INFINITY;
    let most = Number.NEGATIVE_INFINITY;
    for (let near = -1; near <= 1; near += 1) {
      const distance = near === 0 ? own : known(slot, hour + near);
      readHour(hour + near, hours, 0);
      const usual = hours[0]! + distance;
      turn = Math.max(turn, Math.abs(own - distance));
      least = Math.min(least, usual);
      most = Math.max(most, usual);
    }
    columns.turn[slot] = turn;
    columns.least[slot] = least;
    columns.most[slot] = most;
  }

  return {
    allocate: () => {
      const slot = slots.allocate();
      ensureRows(dayTypes, dayTable, (slot + 1) * kinds);
      dayTable.seen.fill(0, slot * kinds, (slot + 1) * kinds);
      columns.hour[slot] = Number.NaN;
      columns.entered[slot] = Number.NaN;
      return slot;
    },
    free: slots.free,
    observe(slot, localMs, distance) {
      const hour = Math.floor(localMs / hourMs);
      const left = columns.hour[slot]!;
      if (hour !== left) {
        if (columns.points[slot]! > 0) learn(slot);
        const day = Math.floor(left / hoursPerDay);
        if (day < Math.floor(hour / hoursPerDay)) endDay(slot, day);
        columns.hour[slot] = hour;
        columns.sum[slot] = 0;
        columns.points[slot] = 0;
      }
      columns.sum[slot] = columns.sum[slot]! + distance;
      columns.points[slot] = columns.points[slot]! + 1;
      return columns.used[slot] === 1 || columns.days[slot]! < longestTrialDays;
    },
    enter(slot, localMs, readHour) {
      if (columns.used[slot] === 0) return;
      const hour = Math.floor(localMs / hourMs);
      if (hour === columns.entered[slot]) return;
      columns.entered[slot] = hour;
      const own = known(slot, hour);
      columns.here[slot] = (known(slot, hour - 1) + own) / 2;
      columns.next[slot] = (own + known(slot, hour + 1)) / 2;
      lookAround(slot, hour, readHour);
    },
    widen(slot, around) {
      const least = columns.least[slot]!;
      const most = columns.most[slot]!;
      if (columns.used[slot] === 0 || !(most >= least) || columns.turn[slot]! < ownEdge * around.rise) return;
      around.rise = Math.max(around.rise, columns.turn[slot]!);
      around.least = Math.min(around.least, least);
      around.most = Math.max(around.most, most);
    },
    at(slot, localMs) {
      if (columns.used[slot] === 0) return 0;
      const share = Math.min(Math.max(localMs / hourMs - columns.entered[slot]!, 0), 1);
      return columns.here[slot]! + (columns.next[slot]! - columns.here[slot]!) * share;
    },
    saveSlot(slot, writer) {
      slots.saveSlot(slot, writer);
      saveRows(dayTypes, dayTable, slot * kinds, (slot + 1) * kinds, writer);
    },
    loadSlot(slot, reader) {
      slots.loadSlot(slot, reader);
      loadRows(dayTypes, dayTable, slot * kinds, (slot + 1) * kinds, reader);
    },
    save: (writer) => {
      slots.save(writer);
      saveColumns(dayTypes, dayTable, slots.size * kinds, writer);
    },
    load: (reader) => {
      slots.load(reader);
      loadColumns(dayTypes, dayTable, reader);
    },
  };
}

/** 0 for Sunday. */
function weekdayOf(day: number): number {
  return (((day + 4) % 7) + 7) % 7;
}

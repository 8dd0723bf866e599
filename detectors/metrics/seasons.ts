import { type Calendar, holiday } from '../calendar/index.ts';
import {
  type Columns,
  createColumns,
  ensureRows,
  loadColumns,
  loadRows,
  saveColumns,
  saveRows,
} from '../checkpoint/columns.ts';
import { createClockChanges } from './clock-changes.ts';
import { createSeasonProfiles, type SeasonProfiles, seasonBinMs } from './season-profile.ts';
import { createWeekProfiles, type DayKinds, type ReadHour } from './week-profile.ts';

const hourMs = 3_600_000;
/** Hours with a season of the day before its days are looked at: it has then seen a week. */
const settledHours = 4 * 24;
/** Hours over which is averaged how much of what is left of the season goes on for an hour: white noise keeps half of it. */
const memory = 24;
const coherentShare = 0.7;
/** After a trial that came to nothing. */
const restHours = 28 * 24;

const columnTypes = {
  /** Slot of its week profile plus one; 0 none. */
  week: Uint32Array,
  /** Hour being filled, distances from the season of the day in it, and their sizes. */
  hour: Float64Array,
  sum: Float64Array,
  size: Float64Array,
  /** Averages of what hours are off the season, and of what their quarters are. */
  hours: Float32Array,
  quarters: Float32Array,
  /** Hours until a week profile may be tried. */
  wait: Uint16Array,
};

/**
 * The season of the day, and of the week for those series that earn it: whose days differ for hours on end, and whose week then
 * foretells the next one better. A holiday is no day like the others and teaches the season of the day nothing.
 */
export function createSeasons(calendar: DayKinds & Pick<Calendar, 'offsetMs' | 'epochMs'>): SeasonProfiles {
  const columns: Columns<typeof columnTypes> = createColumns(columnTypes, 16);
  const weeks = createWeekProfiles(calendar);
  const days = createSeasonProfiles({
    isLike: (localDay) => calendar.dayClassOf(localDay) !== holiday,
    onBin,
    offsetAt,
  });
  const clocks = createClockChanges(calendar, days.readRange);
  let size = 0;
  let entered = 0;
  const readHour: ReadHour = (hour, into, at) => days.readHour(entered, hour, into, at);

  function onBin(slot: number, bin: number, distance: number): void {
    const localMs = bin * seasonBinMs;
    const week = columns.week[slot]!;
    if (week === 0) lookForDays(slot, localMs, distance);
    else if (!weeks.observe(week - 1, localMs, distance + weeks.at(week - 1, localMs + seasonBinMs / 2))) {
      weeks.free(week - 1);
      columns.week[slot] = 0;
      columns.wait[slot] = restHours;
    }
  }

  function offsetAt(slot: number, bin: number, borderMs: number): number {
    const week = columns.week[slot]!;
    if (week === 0) return 0;
    entered = slot;
    weeks.enter(week - 1, bin * seasonBinMs, readHour);
    return weeks.at(week - 1, borderMs);
  }

  function lookForDays(slot: number, localMs: number, distance: number): void {
    const hour = Math.floor(localMs / hourMs);
    if (hour !== columns.hour[slot]) {
      columns.hours[slot]! += (Math.abs(columns.sum[slot]!) - columns.hours[slot]!) / memory;
      columns.quarters[slot]! += (columns.size[slot]! - columns.quarters[slot]!) / memory;
      columns.hour[slot] = hour;
      columns.sum[slot] = 0;
      columns.size[slot] = 0;
      if (columns.wait[slot]! > 0) columns.wait[slot] = columns.wait[slot]! - 1;
      else if (columns.hours[slot]! > coherentShare * columns.quarters[slot]!)
        columns.week[slot] = weeks.allocate() + 1;
    }
    columns.sum[slot] = columns.sum[slot]! + distance;
    columns.size[slot] = columns.size[slot]! + Math.abs(distance);
  }

  function giveBack(slot: number): void {
    if (columns.week[slot]! > 0) weeks.free(columns.week[slot]! - 1);
    columns.week[slot] = 0;
  }

  return {
    allocate() {
      const slot = days.allocate();
      size = Math.max(size, slot + 1);
      ensureRows(columnTypes, columns, size);
      for (const name of Object.keys(columnTypes)) columns[name as keyof typeof columnTypes][slot] = 0;
      columns.hour[slot] = Number.NaN;
      columns.wait[slot] = settledHours;
      return slot;
    },
    free(slot) {
      giveBack(slot);
      clocks.forget(slot);
      days.free(slot);
    },
    observe(slot, moment) {
      days.observe(slot, moment);
      const week = columns.week[slot]!;
      if (week > 0) weeks.widen(week - 1, moment);
      if (clocks.isRecent(moment)) clocks.widen(slot, moment, week > 0 ? weeks.at(week - 1, moment.localMs) : 0);
    },
    saveSlot(slot, writer) {
      days.saveSlot(slot, writer);
      saveRows(columnTypes, columns, slot, slot + 1, writer);
      const week = columns.week[slot]!;
      if (week > 0) weeks.saveSlot(week - 1, writer);
    },
    loadSlot(slot, reader) {
      days.loadSlot(slot, reader);
      loadRows(columnTypes, columns, slot, slot + 1, reader);
      if (columns.week[slot] === 0) return;
      columns.week[slot] = weeks.allocate() + 1;
      weeks.loadSlot(columns.week[slot]! - 1, reader);
    },
    save(writer) {
      days.save(writer);
      weeks.save(writer);
      saveColumns(columnTypes, columns, size, writer);
    },
    load(reader) {
      days.load(reader);
      weeks.load(reader);
      size = loadColumns(columnTypes, columns, reader);
    },
  };
}

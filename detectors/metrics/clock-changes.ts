import type { Calendar } from '../calendar/index.ts';
import { ensureRows } from '../checkpoint/columns.ts';
import { type DayProfiles, type Moment, seasonBinMs } from './season-profile.ts';

const hourMs = 3_600_000;
const weekMs = 7 * 24 * hourMs;

const columnTypes = {
  /** Bin that was entered, and the least and the most usual around the same moment by the clocks of before. */
  bin: Float64Array,
  least: Float64Array,
  most: Float64Array,
};

/**
 * Not all that comes each day keeps to the clocks on the wall: jobs often run by UTC. For the week after clocks were changed what is
 * usual at their time of before is as usual as what is at the new one, and so is all between. By the days, not by their median: in the
 * middle of the week neither time has most of them.
 */
export interface ClockChanges {
  /** Whether the moment lies in such a week. */
  isRecent(moment: Pick<Moment, 'localMs'>): boolean;
  /** Widens what is usual around a moment in it. `offset`: what a week profile adds to the season of the day. */
  widen(slot: number, moment: Moment, offset: number): void;
  /** The slot goes to another season. */
  forget(slot: number): void;
}

export function createClockChanges(
  calendar: Pick<Calendar, 'offsetMs' | 'epochMs'>,
  readRange: DayProfiles['readRange'],
): ClockChanges {
  // Of a week in half a year, and soon made anew after a restart: not kept with the season.
  const columns = { bin: new Float64Array(0), least: new Float64Array(0), most: new Float64Array(0) };
  const range = new Float64Array(2);
  let hour = Number.NaN;
  let movedMs = 0;

  function enter(slot: number, bin: number): void {
    ensureRows(columnTypes, columns, slot + 1);
    columns.bin[slot] = bin;
    columns.least[slot] = Number.POSITIVE_INFINITY;
    columns.most[slot] = Number.NEGATIVE_INFINITY;
    for (let near = -1; near <= 1; near += 1) {
      readRange(slot, bin + near - Math.round(movedMs / seasonBinMs), range);
      columns.least[slot] = Math.min(columns.least[slot]!, range[0]!);
      columns.most[slot] = Math.max(columns.most[slot]!, range[1]!);
    }
  }

  return {
    isRecent({ localMs }) {
      if (Math.floor(localMs / hourMs) !== hour) {
        hour = Math.floor(localMs / hourMs);
        const timeMs = calendar.epochMs(localMs);
        movedMs = calendar.offsetMs(timeMs) - calendar.offsetMs(timeMs - weekMs);
      }
      return movedMs !== 0;
    },
    widen(slot, moment, offset) {
      const { localMs } = moment;
      const bin = Math.floor(localMs / seasonBinMs);
      if (columns.bin[slot] !== bin) enter(slot, bin);
      const least = columns.least[slot]! + offset;
      const most = columns.most[slot]! + offset;
      if (!(most >= least)) return;
      moment.least = Math.min(moment.least, least);
      moment.most = Math.max(moment.most, most);
      moment.rise = Math.max(moment.rise, moment.most - moment.least);
    },
    forget(slot) {
      if (slot < columns.bin.length) columns.bin[slot] = Number.NaN;
    },
  };
}

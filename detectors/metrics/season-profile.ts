import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createRowSlots } from './row-slots.ts';

/** Length of a bin. */
export const seasonBinMs = 900_000;
const binsPerHour = 4;
const binsPerDay = 24 * binsPerHour;
const days = 7;
/** A season is believed once its time of day was seen on this many days (Datadog asks for three periods as well). */
const knownDays = 3;
/** A bin lies on the way between its neighbours if it is at least this share of it from both. */
const betweenShare = 1 / 10;

const columnTypes = {
  /** Number of the 15-minute bin since the epoch that is being filled. */
  bin: Float64Array,
  sum: Float64Array,
  points: Uint32Array,
  /** Median of this time of day at the last bin border and at the next one; NaN while unknown. */
  here: Float64Array,
  next: Float64Array,
  /** The same of the bin itself. */
  own: Float64Array,
};

/** A value at a local time, and the season there. An object that is used again. */
export interface Moment {
  value: number;
  localMs: number;
  season: number;
  /** The least and the most of that and of the two bins whose middles lie around it; of three, where an edge lies within its bin. */
  least: number;
  most: number;
  /** How far its bin lies from the one before or after, or those from each other where it is on the way between them. */
  rise: number;
  /** False: the season is only told, and the value is no part of it. */
  teaches?: boolean;
}

/** Daily profiles, one slot a series: the median, over the last seven days, of the 15-minute mean at a time of day. */
export interface SeasonProfiles {
  /** A new, empty slot. */
  allocate(): number;
  free(slot: number): void;
  /** Takes a value in, and tells the season's value at its time, interpolated; NaN while unknown. */
  observe(slot: number, moment: Moment): void;
  /** One slot, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export interface DayProfiles extends SeasonProfiles {
  /** What a bin since the epoch reached on three days at least, downwards and upwards; NaN while its season is unknown. */
  readRange(slot: number, bin: number, into: Float64Array): void;
  /** The mean season of an hour since the epoch, by its bins, NaN while unknown. Written to a column, as `readMedian` does. */
  readHour(slot: number, hour: number, into: Float64Array, at: number): void;
}

export interface SeasonOptions {
  /** Whether a local day, counted from 1970-01-01, is like the others: what is not teaches nothing once the season is known. */
  readonly isLike?: (localDay: number) => boolean;
  /** Told, as each bin is left whose season was known, how far its mean was off it. */
  readonly onBin?: (slot: number, bin: number, distance: number) => void;
  /** What is to be added to the season at the borders of a bin that is entered, by their local time. */
  readonly offsetAt?: (slot: number, bin: number, borderMs: number) => number;
}

/**
 * Seven-day medians of bins need no care about incidents: one bad day of three does not move a median. A day costs 212
 * bytes a series, 1.5 KiB in all, which is why a slot is given only to series that move and have lived for a bin.
 */
export function createSeasonProfiles({ isLike, onBin, offsetAt }: SeasonOptions = {}): DayProfiles {
  const slots = createRowSlots(columnTypes, days, binsPerDay);
  const { columns, rows } = slots;

  /** Medians of the bin before the one entered, of itself and of the one after it. */
  const around = new Float64Array(3);

  /** Keeps the mean of the bin that is over, whose sum it becomes: the next begins with another. */
  function keep(slot: number, left: number, entered: number): void {
    const day = Math.floor(left / binsPerDay);
    const season = (columns.here[slot]! + columns.next[slot]!) / 2;
    if (!Number.isNaN(season)) {
      onBin?.(slot, left, columns.sum[slot]! / columns.points[slot]! - season);
      if (isLike?.(day) === false) return;
    }
    const row = slots.ownRow(slot, positiveModulo(day, days));
    columns.sum[slot] = columns.sum[slot]! / columns.points[slot]!;
    rows.setFrom(row, positiveModulo(left, binsPerDay), columns.sum, slot);
    if (day !== Math.floor(entered / binsPerDay)) rows.fit(row);
  }

  function enter(slot: number, bin: number): void {
    if (columns.points[slot]! > 0) keep(slot, columns.bin[slot]!, bin);
    // Bin means sit at bin middles; a border lies half-way between two of them.
    for (let near = 0; near < around.length; near += 1) {
      readBin(slot, bin + near - 1, around, near);
    }
    const own = around[1]!;
    // Of samples further apart than a bin the bins between are never filled: its own is then the nearest there is.
    if (Number.isNaN(around[0]!)) around[0] = own;
    if (Number.isNaN(around[2]!)) around[2] = own;
    const offsetHere = offsetAt?.(slot, bin, bin * seasonBinMs) ?? 0;
    const offsetNext = offsetAt?.(slot, bin, (bin + 1) * seasonBinMs) ?? 0;
    columns.here[slot] = (around[0]! + own) / 2 + offsetHere;
    columns.next[slot] = (own + around[2]!) / 2 + offsetNext;
    columns.own[slot] = own + (offsetHere + offsetNext) / 2;
    columns.bin[slot] = bin;
    columns.sum[slot] = 0;
    columns.points[slot] = 0;
  }

  const one = new Float64Array(1);

  function readBin(slot: number, bin: number, into: Float64Array, at: number): void {
    slots.readMedian(slot, positiveModulo(bin, binsPerDay), knownDays, into, at);
  }

  return {
    readRange: (slot, bin, into) => slots.readRange(slot, positiveModulo(bin, binsPerDay), knownDays, into),
    readHour(slot, hour, into, at) {
      let sum = 0;
      for (let near = 0; near < binsPerHour; near += 1) {
        readBin(slot, hour * binsPerHour + near, one, 0);
        sum += one[0]!;
      }
      into[at] = sum / binsPerHour;
    },
    allocate: () => {
      const slot = slots.allocate();
      columns.bin[slot] = Number.NaN;
      columns.here[slot] = Number.NaN;
      columns.next[slot] = Number.NaN;
      columns.own[slot] = Number.NaN;
      return slot;
    },
    free: slots.free,
    observe: (slot, moment) => {
      const { localMs } = moment;
      const bin = Math.floor(localMs / seasonBinMs);
      if (bin !== columns.bin[slot]) enter(slot, bin);
      if (moment.teaches !== false) {
        columns.sum[slot] = columns.sum[slot]! + moment.value;
        columns.points[slot] = columns.points[slot]! + 1;
      }
      const share = localMs / seasonBinMs - bin;
      const here = columns.here[slot]!;
      const next = columns.next[slot]!;
      moment.season = here + (next - here) * Math.min(Math.max(share, 0), 1);
      const own = columns.own[slot]!;
      const before = 2 * here - own;
      const after = 2 * next - own;
      const rise = own - before;
      const goesOn = after - own;
      // Of five minutes in three a bin's mean is a level that the series never has.
      const isOnTheWay =
        rise * goesOn > 0 && betweenShare * Math.abs(after - before) <= Math.min(Math.abs(rise), Math.abs(goesOn));
      const left = isOnTheWay || share < 0.5 ? before : own;
      const right = isOnTheWay || share >= 0.5 ? after : own;
      moment.least = Math.min(own, left, right, moment.season);
      moment.most = Math.max(own, left, right, moment.season);
      moment.rise = isOnTheWay ? Math.abs(after - before) : Math.max(Math.abs(rise), Math.abs(goesOn));
    },
    saveSlot: slots.saveSlot,
    loadSlot: slots.loadSlot,
    save: slots.save,
    load: slots.load,
  };
}

function positiveModulo(value: number, by: number): number {
  return ((value % by) + by) % by;
}

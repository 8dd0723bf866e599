import type { StateReader } from '../checkpoint/state-reader.ts';
import type { StateWriter } from '../checkpoint/state-writer.ts';
import { createRowSlots } from './row-slots.ts';

const minuteMs = 60_000;
const minutes = 60;
/** Hours remembered; a minute's median of them is what is expected, once it was seen in so many. */
const hours = 5;
const knownHours = 3;
/** What is not so many scales off the level is no part of it: most minutes expect nothing. */
const farScales = 3;
/** What comes each hour is short; so large a share of the hour is another level. */
const mostOfHour = 1 / 3;
/** Work counts as done from so much of what is expected on. Only if it was done this often is it missed. */
const doneShare = 0.5;
/** Where values are closer than minutes, work of one minute may begin so late, and a value that stands for as long is enough to miss it by. */
const lateMs = 30_000;
const reliable = 0.85;
const reliableAtFirst = 0.5;
const reliabilityMemory = 16;
/** A minute's error counts for no more than that of so many scales. */
const clipScales = 10;
/** Hourly expectations must leave less than this of the squared error held out; in use, they may leave so much. */
const winning = 0.5;
const losing = 0.8;
/** Of the errors an hour ago so much counts. */
const fading = 0.8;
/** An unused slot is given back after so many hours, once what was expected is forgotten: by this share an hour. */
const longestTrialHours = 6;
const remembering = 0.98;

/** In the place of a count. */
const beyondNoise = 2 ** 31;

const columnTypes = {
  /**
   * Minute since the epoch that is being filled: distances from the usual level in it, and how many; or `beyondNoise`, and the
   * farthest distance.
   */
  minute: Float64Array,
  sum: Float64Array,
  points: Uint32Array,
  /** Hours begun since the slot was given. */
  hours: Uint32Array,
  /** Held-out squared errors without and with the hourly expectations. */
  plain: Float64Array,
  hourly: Float64Array,
  /** 1: what it says is used. */
  used: Uint8Array,
  /** How often what was expected came, and minutes from one value to the next, at least one. */
  done: Float64Array,
  stride: Uint8Array,
  /** Least and most that is expected in this minute. */
  least: Float64Array,
  most: Float64Array,
  /** Size of the largest expectation of the latest hours. */
  largest: Float64Array,
  /** What was expected of the last value, and the scale it was held against. */
  last: Float64Array,
  scale: Float64Array,
};

/** A distance from the usual level, and what comes with the hour of it. An object that is used again. */
export interface HourMoment {
  localMs: number;
  distance: number;
  /** Of the series: its scale, and how long it is from one value to the next. */
  scale: number;
  intervalMs: number;
  /** How much of the distance is expected at this time; 0 while nothing is. */
  expected: number;
  /** Size of the largest expectation of the latest hours, 0 while there was none; and from which size on a distance is no noise. */
  largest: number;
  noise: number;
}

export function createHourMoment(): HourMoment {
  return {
    localMs: Number.NaN,
    distance: Number.NaN,
    scale: Number.NaN,
    intervalMs: Number.NaN,
    expected: Number.NaN,
    largest: Number.NaN,
    noise: Number.NaN,
  };
}

/**
 * What comes each hour at the same minute, such as the work of a cron job: for each minute the median of its last five hours,
 * of how far a series is off its usual level, at most where that is no noise. 0.7 KiB a slot, given where a series deviates, and kept where the hours so far
 * would have foretold the next one: an expert is chosen by the error it makes on what it has not seen yet.
 */
export interface HourProfiles {
  allocate(): number;
  free(slot: number): void;
  /**
   * Tells what is `expected` of a distance at its time, the `largest` and the `noise`. Work may begin and end a minute (a value)
   * early or late: beside it, in the first and last minute of three or more, and in the last of two if it was done in the first,
   * nothing and all of it are as expected. So it is at first in the minute it begins with, where values are closer than that,
   * and throughout where it often does not come. Whether anything is expected is decided at the first value of an hour; what was
   * of the value before is then what it would have been so.
   */
  expect(slot: number, moment: HourMoment): void;
  /** A value that nothing is learnt from has been and gone: nothing was expected of it. */
  pass(slot: number): void;
  /** What was expected of the value before this one. */
  lastOf(slot: number): number;
  /** Takes a distance in, and what was expected of it. False once there is no hope: free the slot. */
  observe(slot: number, moment: Readonly<HourMoment>): boolean;
  /** One slot, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createHourProfiles(): HourProfiles {
  const slots = createRowSlots(columnTypes, hours, minutes);
  const { columns, rows, rowAt, renewRow, readMedian } = slots;
  /** What the minute before the one that is looked around had: no argument, since V8 would make an object of each. */
  const minuteBefore = new Float64Array(1);
  /** What is expected of a minute, and of those one and two values before it and after it. */
  const around = new Float64Array(5);
  const here = 2;

  /** What a minute expects: its median over at least so many hours, 0 where that is noise or not known. */
  function readExpected(slot: number, minute: number, least: number, at: number): void {
    readMedian(slot, ((minute % minutes) + minutes) % minutes, least, around, at);
    if (!(Math.abs(around[at]!) >= farScales * columns.scale[slot]!)) around[at] = 0;
  }

  /**
   * Of a minute's values that are noise the mean is kept; of others the one farthest off, lest a minute that work only reaches
   * into seems to be one of less work.
   */
  function takeIn(slot: number, { distance, scale }: Readonly<HourMoment>): void {
    const isBeyond = Math.abs(distance) >= farScales * scale;
    const points = columns.points[slot]!;
    if (points >= beyondNoise) {
      if (Math.abs(distance) > Math.abs(columns.sum[slot]!)) columns.sum[slot] = distance;
    } else if (isBeyond) {
      columns.sum[slot] = distance;
      columns.points[slot] = beyondNoise;
    } else {
      columns.sum[slot] = columns.sum[slot]! + distance;
      columns.points[slot] = points + 1;
    }
  }

  /** Judges what the hours before said of the minute that is over, then keeps what it had, which its sum becomes. */
  function keep(slot: number): void {
    const minute = columns.minute[slot]!;
    const distance =
      columns.points[slot]! >= beyondNoise ? columns.sum[slot]! : columns.sum[slot]! / columns.points[slot]!;
    if (columns.hours[slot]! > 1) {
      readExpected(slot, minute, 1, here);
      const error = distance - around[here]!;
      const scale = columns.scale[slot]!;
      const most = clipScales * clipScales * scale * scale;
      columns.plain[slot]! += Math.min(distance * distance, most);
      columns.hourly[slot]! += Math.min(error * error, most);
    }
    if (columns.used[slot] === 1) readExpected(slot, minute, knownHours, here);
    else around[here] = 0;
    const own = around[here]!;
    if (own !== 0) {
      const isDone = distance / own >= doneShare ? 1 : 0;
      columns.done[slot] = columns.done[slot]! + (isDone - columns.done[slot]!) / reliabilityMemory;
    }
    const hour = Math.floor(minute / minutes);
    columns.sum[slot] = distance;
    rows.setFrom(rowAt(slot, hour % hours), minute - hour * minutes, columns.sum, slot);
  }

  /** An hour begins: the oldest one makes room, and it is decided whether the others are used. */
  function begin(slot: number, hour: number): void {
    renewRow(slot, hour % hours);
    columns.hours[slot] = columns.hours[slot]! + 1;
    const share = columns.plain[slot]! > 0 ? columns.hourly[slot]! / columns.plain[slot]! : 1;
    const wins = columns.hours[slot]! > knownHours && share < (columns.used[slot] === 1 ? losing : winning);
    columns.largest[slot] = remembering * columns.largest[slot]!;
    columns.used[slot] = wins && isBrief(slot) ? 1 : 0;
    columns.plain[slot] = columns.plain[slot]! * fading;
    columns.hourly[slot] = columns.hourly[slot]! * fading;
  }

  /** Whether something is expected of some minutes, and nothing of most: the size of the largest expectation is then noted. */
  function isBrief(slot: number): boolean {
    const noise = farScales * columns.scale[slot]!;
    let known = 0;
    let busy = 0;
    let largest = 0;
    for (let minute = 0; minute < minutes; minute += 1) {
      // Of the hour in which the slot was given, only the end was seen: by that alone the work of ten minutes is most of it.
      readMedian(slot, minute, knownHours - 1, around, here);
      const size = Math.abs(around[here]!);
      if (!Number.isNaN(size)) known += 1;
      if (size === 0 || !(size >= noise)) continue;
      busy += 1;
      readExpected(slot, minute, knownHours, here);
      largest = Math.max(largest, Math.abs(around[here]!));
    }
    if (largest === 0 || busy > mostOfHour * known) return false;
    columns.largest[slot] = Math.max(largest, columns.largest[slot]!);
    return true;
  }

  /** Notes what is expected of a minute, since work may begin and end a value early or late. */
  function lookAround(slot: number, minute: number): void {
    const stride = columns.stride[slot]!;
    for (let by = -1; by <= 1; by += 1) readExpected(slot, minute + by * stride, knownHours, here + by);
    const own = around[here]!;
    const before = around[here - 1]!;
    const after = around[here + 1]!;
    let isBorder = own === 0 || columns.done[slot]! < reliable;
    if (!isBorder && (before === 0) !== (after === 0)) {
      const on = before === 0 ? 2 : -2;
      readExpected(slot, minute + on * stride, knownHours, here + on);
      isBorder = around[here + on] !== 0 || (after === 0 && minuteBefore[0]! / before >= doneShare);
    }
    columns.least[slot] = isBorder ? Math.min(before, own, after, 0) : own;
    columns.most[slot] = isBorder ? Math.max(before, own, after, 0) : own;
  }

  /**
   * Whether what is expected of a value may be yet to come: it is of the first minute of the work, and enough are left to miss it
   * by, of the next minute or of this one.
   */
  function mayBeLate(slot: number, minute: number, { localMs, intervalMs }: HourMoment): boolean {
    if (intervalMs > lateMs || columns.least[slot]! * columns.most[slot]! <= 0) return false;
    readExpected(slot, minute - 1, knownHours, here - 1);
    if (around[here - 1] !== 0) return false;
    readExpected(slot, minute + 1, knownHours, here + 1);
    if (around[here + 1] !== 0) return true;
    const pastMs = localMs - minute * minuteMs;
    const left = intervalMs < lateMs ? 2 : 1;
    return pastMs < lateMs && pastMs + left * intervalMs < minuteMs;
  }

  /** What is expected by now of the value before the hour, whose distance from the usual level it was. */
  function expectLast(slot: number, minute: number, distance: number): void {
    columns.last[slot] = 0;
    if (columns.used[slot] === 0) return;
    minuteBefore[0] = 0;
    lookAround(slot, minute);
    columns.last[slot] = Math.max(columns.least[slot]!, Math.min(columns.most[slot]!, distance));
  }

  function enter(slot: number, minute: number): void {
    const before = columns.minute[slot]!;
    const wasUsed = columns.used[slot]!;
    const isKept = columns.points[slot]! > 0;
    if (isKept) keep(slot);
    const isNext = isKept && minute - before <= columns.stride[slot]!;
    const hour = Math.floor(minute / minutes);
    if (hour !== Math.floor(before / minutes)) begin(slot, hour);
    if (columns.used[slot] !== wasUsed) expectLast(slot, before, columns.sum[slot]!);
    minuteBefore[0] = isNext ? columns.sum[slot]! : 0;
    columns.minute[slot] = minute;
    columns.sum[slot] = 0;
    columns.points[slot] = 0;
    if (columns.used[slot] === 1) lookAround(slot, minute);
    else {
      columns.least[slot] = 0;
      columns.most[slot] = 0;
    }
  }

  return {
    allocate: () => {
      const slot = slots.allocate();
      columns.minute[slot] = Number.NaN;
      columns.done[slot] = reliableAtFirst;
      columns.stride[slot] = 1;
      return slot;
    },
    free: slots.free,
    expect(slot, moment) {
      moment.expected = 0;
      // Whether it is used is decided before the first value of an hour is judged: what it says is said of the whole hour.
      const minute = Math.floor(moment.localMs / minuteMs);
      if (minute !== columns.minute[slot]) enter(slot, minute);
      if (columns.used[slot] === 1) {
        const isLate = mayBeLate(slot, minute, moment);
        const least = isLate ? Math.min(columns.least[slot]!, 0) : columns.least[slot]!;
        const most = isLate ? Math.max(columns.most[slot]!, 0) : columns.most[slot]!;
        moment.expected = Math.max(least, Math.min(most, moment.distance));
      }
      moment.largest = columns.largest[slot]!;
      moment.noise = farScales * columns.scale[slot]!;
    },
    pass(slot) {
      columns.last[slot] = 0;
    },
    lastOf: (slot) => columns.last[slot]!,
    observe(slot, moment) {
      const minute = Math.floor(moment.localMs / minuteMs);
      columns.scale[slot] = moment.scale;
      columns.stride[slot] = Math.max(1, Math.min(minutes, Math.round(moment.intervalMs / minuteMs)));
      if (minute !== columns.minute[slot]) enter(slot, minute);
      takeIn(slot, moment);
      columns.last[slot] = moment.expected;
      const largest = columns.largest[slot]!;
      return (
        columns.used[slot] === 1 ||
        columns.hours[slot]! <= longestTrialHours ||
        (largest > 0 && largest >= farScales * moment.scale)
      );
    },
    saveSlot: slots.saveSlot,
    loadSlot: slots.loadSlot,
    save: slots.save,
    load: slots.load,
  };
}

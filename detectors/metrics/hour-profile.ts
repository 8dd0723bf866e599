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

const columnTypes = {
  /** Minute since the epoch that is being filled: distances from the usual level in it, and how many. */
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

/**
 * What comes each hour at the same minute, such as the work of a cron job: for each minute the median of its last five hours,
 * of how far a series is off its usual level. 0.7 KiB a slot, given where a series deviates, and kept where the hours so far
 * would have foretold the next one: an expert is chosen by the error it makes on what it has not seen yet.
 */
export interface HourProfiles {
  allocate(): number;
  free(slot: number): void;
  /**
   * How much of a distance from the usual level is expected at this time; 0 while nothing is. Work may begin and end a
   * minute (a value) early or late: beside it, and in the first and last minute of three or more, nothing and all of it are as
   * expected. So it is throughout where it often does not come.
   */
  expect(slot: number, localMs: number, distance: number): number;
  /** A value that nothing is learnt from has been and gone: nothing was expected of it. */
  pass(slot: number): void;
  /** Whether a distance is more than noise. */
  isFar(slot: number, distance: number): boolean;
  /** What was expected of the value before this one. */
  lastOf(slot: number): number;
  /** Size of the largest expectation of the latest hours; 0 while there was none. */
  largestOf(slot: number): number;
  /**
   * Takes a distance in, in scales of this size, and what was expected of it. `intervalMs`: from one value to the next. False
   * once there is no hope: free the slot.
   */
  observe(
    slot: number,
    localMs: number,
    distance: number,
    scale: number,
    expected: number,
    intervalMs: number,
  ): boolean;
  /** One slot, to be put back into one that was allocated. */
  saveSlot(slot: number, writer: StateWriter): void;
  loadSlot(slot: number, reader: StateReader): void;
  save(writer: StateWriter): void;
  load(reader: StateReader): void;
}

export function createHourProfiles(): HourProfiles {
  const slots = createRowSlots(columnTypes, hours, minutes);
  const { columns, rows } = slots;

  /** Median of a minute of the hour over at least so many hours, NaN where it was seen in fewer. */
  function medianAt(slot: number, minute: number, least: number): number {
    return slots.median(slot, ((minute % minutes) + minutes) % minutes, least);
  }

  function far(distance: number, scale: number): number {
    return Math.abs(distance) >= farScales * scale ? distance : 0;
  }

  /** Judges what the hours before said of the minute that is over, then keeps it. */
  function keep(slot: number, scale: number): void {
    const minute = columns.minute[slot]!;
    const distance = columns.sum[slot]! / columns.points[slot]!;
    if (columns.hours[slot]! > 1) {
      const error = distance - far(medianAt(slot, minute, 1), scale);
      const most = clipScales * clipScales * scale * scale;
      columns.plain[slot]! += Math.min(distance * distance, most);
      columns.hourly[slot]! += Math.min(error * error, most);
    }
    const own = columns.used[slot] === 1 ? at(slot, minute, scale) : 0;
    if (own !== 0) {
      const isDone = distance / own >= doneShare ? 1 : 0;
      columns.done[slot] = columns.done[slot]! + (isDone - columns.done[slot]!) / reliabilityMemory;
    }
    const hour = Math.floor(minute / minutes);
    rows.set(slots.rowAt(slot, hour % hours), minute - hour * minutes, distance);
  }

  /** An hour begins: the oldest one makes room, and it is decided whether the others are used. */
  function begin(slot: number, hour: number, scale: number): void {
    slots.renewRow(slot, hour % hours);
    columns.hours[slot] = columns.hours[slot]! + 1;
    const share = columns.plain[slot]! > 0 ? columns.hourly[slot]! / columns.plain[slot]! : 1;
    const wins = columns.hours[slot]! > knownHours && share < (columns.used[slot] === 1 ? losing : winning);
    const largest = wins ? largestIfBrief(slot, scale) : 0;
    columns.used[slot] = largest > 0 ? 1 : 0;
    columns.largest[slot] = Math.max(largest, remembering * columns.largest[slot]!);
    columns.plain[slot] = columns.plain[slot]! * fading;
    columns.hourly[slot] = columns.hourly[slot]! * fading;
  }

  function at(slot: number, minute: number, scale: number): number {
    return far(medianAt(slot, minute, knownHours), scale);
  }

  /** Size of the largest expectation where something is expected of some minutes, and nothing of most; else 0. */
  function largestIfBrief(slot: number, scale: number): number {
    let known = 0;
    let busy = 0;
    let largest = 0;
    for (let minute = 0; minute < minutes; minute += 1) {
      const distance = medianAt(slot, minute, knownHours);
      if (!Number.isNaN(distance)) known += 1;
      if (far(distance, scale) === 0) continue;
      busy += 1;
      largest = Math.max(largest, Math.abs(distance));
    }
    return busy <= mostOfHour * known ? largest : 0;
  }

  function enter(slot: number, minute: number): void {
    const scale = columns.scale[slot]!;
    if (columns.points[slot]! > 0) keep(slot, scale);
    const hour = Math.floor(minute / minutes);
    if (hour !== Math.floor(columns.minute[slot]! / minutes)) begin(slot, hour, scale);
    columns.minute[slot] = minute;
    columns.sum[slot] = 0;
    columns.points[slot] = 0;
    if (columns.used[slot] === 0) {
      columns.least[slot] = 0;
      columns.most[slot] = 0;
      return;
    }
    const stride = columns.stride[slot]!;
    const [own, before, after] = [
      at(slot, minute, scale),
      at(slot, minute - stride, scale),
      at(slot, minute + stride, scale),
    ];
    const begins = before === 0 && after !== 0 && at(slot, minute + 2 * stride, scale) !== 0;
    const ends = after === 0 && before !== 0 && at(slot, minute - 2 * stride, scale) !== 0;
    const isBorder = own === 0 || begins || ends || columns.done[slot]! < reliable;
    columns.least[slot] = isBorder ? Math.min(before, own, after, 0) : own;
    columns.most[slot] = isBorder ? Math.max(before, own, after, 0) : own;
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
    expect(slot, localMs, distance) {
      if (columns.used[slot] === 0) return 0;
      const minute = Math.floor(localMs / minuteMs);
      if (minute !== columns.minute[slot]) enter(slot, minute);
      return Math.max(columns.least[slot]!, Math.min(columns.most[slot]!, distance));
    },
    pass(slot) {
      columns.last[slot] = 0;
    },
    isFar: (slot, distance) => far(distance, columns.scale[slot]!) !== 0,
    lastOf: (slot) => columns.last[slot]!,
    largestOf: (slot) => columns.largest[slot]!,
    observe(slot, localMs, distance, scale, expected, intervalMs) {
      const minute = Math.floor(localMs / minuteMs);
      columns.scale[slot] = scale;
      columns.stride[slot] = Math.max(1, Math.min(minutes, Math.round(intervalMs / minuteMs)));
      if (minute !== columns.minute[slot]) enter(slot, minute);
      columns.sum[slot] = columns.sum[slot]! + distance;
      columns.points[slot] = columns.points[slot]! + 1;
      columns.last[slot] = expected;
      return (
        columns.used[slot] === 1 || columns.hours[slot]! <= longestTrialHours || far(columns.largest[slot]!, scale) > 0
      );
    },
    saveSlot: slots.saveSlot,
    loadSlot: slots.loadSlot,
    save: slots.save,
    load: slots.load,
  };
}

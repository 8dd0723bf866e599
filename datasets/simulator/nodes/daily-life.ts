import type { Random } from '../../../model/index.ts';
import { between, exponential, gaussian } from '../randomness.ts';

/**
 * What a healthy node does: all of it moves its resources and none of it is a failure. Shares of the capacity. Every
 * part is a function that moves on by some minutes and returns its present share.
 */
export type Part = (atMs: number, minutes: number) => number;

const day = 1440;
const minuteMs = 60_000;

/** Around 1: a day's and a week's rhythm, days that differ, wander, and now and then a surge to 1.4 to 2.5. */
export function createTraffic(random: Random): Part {
  const swing = between(random, 0.25, 0.55);
  const phase = between(random, 7, 11);
  let dayOf = -1;
  let dayFactor = 1;
  let wander = 0;
  const surge = createVisit(random, between(random, 1, 4) * day);
  return (atMs, minutes) => {
    const date = new Date(atMs);
    const hours = date.getUTCHours() + date.getUTCMinutes() / 60;
    if (Math.floor(atMs / (day * minuteMs)) !== dayOf) {
      dayOf = Math.floor(atMs / (day * minuteMs));
      const weekend = date.getUTCDay() % 6 === 0 ? 0.75 : 1;
      dayFactor = weekend * Math.exp(0.06 * gaussian(random));
    }
    wander += minutes * (-wander / 30) + Math.sqrt(minutes) * 0.008 * gaussian(random);
    const raised = surge(atMs, minutes) * 1.1;
    return Math.max(0.1, dayFactor * (1 + swing * Math.sin((2 * Math.PI * (hours - phase)) / 24)) + wander + raised);
  };
}

/** Something that rises in a straight line, stays and goes, again and again after `gap` minutes in the mean: 0 to 1. */
export function createVisit(
  random: Random,
  gap: number,
  times = { rise: [10, 90], stay: [0, 90], fall: [1, 10] } as Readonly<Record<'rise' | 'stay' | 'fall', number[]>>,
): Part {
  let at = -exponential(random, gap);
  let [rise, stay, fall, size] = [1, 1, 1, 1];
  const draw = () => {
    rise = times.rise[0]! * (times.rise[1]! / times.rise[0]!) ** random();
    stay = between(random, times.stay[0]!, times.stay[1]!);
    fall = between(random, times.fall[0]!, times.fall[1]!);
    size = between(random, 0.35, 1);
  };
  draw();
  return (_, minutes) => {
    at += minutes;
    if (at < 0) return 0;
    if (at < rise) return (size * at) / rise;
    if (at < rise + stay) return size;
    if (at < rise + stay + fall) return size * (1 - (at - rise - stay) / fall);
    at = -exponential(random, gap);
    draw();
    return 0;
  };
}

/** The same job at the same time each day: a backup, a report. */
export function createNightly(random: Random): Part {
  const start = between(random, 0, day);
  const rise = between(random, 15, 90);
  const stay = between(random, 0, 60);
  return (atMs) => {
    const since = (((atMs / minuteMs - start) % day) + day) % day;
    if (since < rise) return since / rise;
    return since < rise + stay ? 1 : 0;
  };
}

/** Logs grow with the traffic and are cut by rotation every few hours or once a day. */
export function createLogs(random: Random, traffic: () => number): Part {
  const size = between(random, 0.02, 0.14);
  const period = [120, 360, 720, day][Math.floor(random() * 4)]!;
  let written = random() * size;
  let since = random() * period;
  return (_, minutes) => {
    since += minutes;
    written += (size / period) * minutes * traffic();
    if (since >= period) {
      since -= period;
      written *= 0.05;
    }
    return written;
  };
}

/** Pulled images stay until the disk is 85 % full; then the kubelet's collection brings it to 80 %, as far as it can. */
export function createImages(random: Random, isBusy: boolean): (minutes: number, others: number) => number {
  const gap = day / (isBusy ? between(random, 15, 60) : between(random, 1, 4));
  let held = isBusy ? between(random, 0.1, 0.3) : between(random, 0.02, 0.1);
  let next = exponential(random, gap);
  return (minutes, others) => {
    for (next -= minutes; next <= 0; next += exponential(random, gap)) held += between(random, 0.003, 0.02);
    if (others + held >= 0.85) held = Math.max(0.02, Math.min(held, 0.8 - others));
    return held;
  };
}

/** A cache is emptied by its restart and fills to a plateau. */
export function createCache(random: Random, size: number): Part {
  const fills = between(random, 20, 240);
  const gap = between(random, 1, 5) * day;
  let held = size;
  let next = exponential(random, gap);
  return (_, minutes) => {
    next -= minutes;
    if (next <= 0) {
      held = 0;
      next = exponential(random, gap);
    }
    held += (size - held) * (1 - Math.exp(-minutes / fills));
    return held;
  };
}

/** Garbage that is collected every few minutes to half an hour. */
export function createGarbage(random: Random, traffic: () => number): Part {
  const size = between(random, 0.01, 0.07);
  const period = between(random, 3, 30);
  let held = random() * size;
  return (_, minutes) => {
    held += (size / period) * minutes * traffic();
    if (held > size) held *= between(random, 0.05, 0.3);
    return held;
  };
}

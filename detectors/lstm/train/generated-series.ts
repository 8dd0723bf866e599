import type { Random } from '../../../model/index.ts';

/** Kinds of series that operations meet, each a small random process; every draw gives another one of the kind. */
const kinds = [dailyRate, latency, sawtoothMemory, queueDepth, scheduledJobs, rareErrors, driftingLevel, utilisation];

/** One random series of `points` points of a random kind. */
export function generateSeries(random: Random, points: number): Float64Array {
  const values = kinds[Math.floor(random() * kinds.length)]!(random, points);
  if (random() < 0.3) shiftLevel(values, random);
  if (random() < 0.3) addBursts(values, random);
  return values;
}

/** Requests a second with a daily rhythm, Poisson noise and slowly wandering popularity. */
function dailyRate(random: Random, points: number): Float64Array {
  const period = between(random, 240, 3000);
  const mean = 10 ** between(random, 0.3, 3.5);
  const depth = between(random, 0.1, 0.9);
  const phase = random();
  const evening = between(random, 0, 0.4);
  const wander = autoregressive(random, points, 0.98, between(random, 0, 0.02));
  return fill(points, (at) => {
    const turn = 2 * Math.PI * (at / period + phase);
    const rate = mean * Math.max(0.02, 1 + depth * Math.sin(turn) + evening * Math.sin(2 * turn + 1) + wander[at]!);
    return Math.max(0, rate + Math.sqrt(rate) * gaussian(random));
  });
}

/** Latency: log-normal around a load-dependent level, with memory. */
function latency(random: Random, points: number): Float64Array {
  const base = 10 ** between(random, 0, 3);
  const memory = autoregressive(random, points, between(random, 0.5, 0.97), between(random, 0.05, 0.3));
  const load = between(random, 0, 0.5);
  const period = between(random, 240, 3000);
  return fill(points, (at) => base * Math.exp(memory[at]! + load * Math.sin((2 * Math.PI * at) / period)));
}

/** Memory between garbage collections. */
function sawtoothMemory(random: Random, points: number): Float64Array {
  const base = 10 ** between(random, 7, 9);
  const slope = base * between(random, 0.002, 0.05);
  const noise = slope * between(random, 0.05, 1);
  const ceiling = base * between(random, 1.1, 2);
  let level = base;
  return fill(points, () => {
    level += slope * (0.5 + random());
    if (level > ceiling * (0.95 + 0.05 * random())) level = base * (1 + 0.03 * random());
    return level + noise * gaussian(random);
  });
}

/** Mostly empty, filling in bursts and draining at a constant pace. */
function queueDepth(random: Random, points: number): Float64Array {
  const drain = between(random, 1, 20);
  const chance = between(random, 0.005, 0.08);
  let depth = 0;
  return fill(points, () => {
    depth = Math.max(0, depth - drain * (0.7 + 0.6 * random()));
    if (random() < chance) depth += drain * between(random, 2, 30);
    return Math.round(depth);
  });
}

/** A quiet level with jobs of fixed period and length. */
function scheduledJobs(random: Random, points: number): Float64Array {
  const period = Math.round(between(random, 8, 180));
  const length = Math.max(1, Math.round(period * between(random, 0.05, 0.5)));
  const level = 10 ** between(random, -1, 2);
  const height = level * between(random, 0.5, 8);
  const noise = level * between(random, 0.01, 0.3);
  return fill(points, (at) => level + (at % period < length ? height : 0) + noise * gaussian(random));
}

/** Counts that are nearly always zero. */
function rareErrors(random: Random, points: number): Float64Array {
  const rate = between(random, 0.02, 2);
  return fill(points, () => poisson(random, rate));
}

/** Disks that fill, connections that leak: a random walk with drift. */
function driftingLevel(random: Random, points: number): Float64Array {
  const step = 10 ** between(random, -2, 2);
  const drift = step * between(random, -0.3, 0.5);
  let level = step * 1000 * random();
  return fill(points, () => {
    level += drift + step * gaussian(random);
    return level;
  });
}

/** A share between 0 and 1 that reverts to its mean, reported with few digits. */
function utilisation(random: Random, points: number): Float64Array {
  const mean = between(random, 0.05, 0.8);
  const memory = autoregressive(random, points, between(random, 0, 0.95), between(random, 0.005, 0.08));
  const digits = 10 ** Math.round(between(random, 2, 5));
  return fill(points, (at) => Math.round(Math.min(1, Math.max(0, mean + memory[at]!)) * digits) / digits);
}

function shiftLevel(values: Float64Array, random: Random): void {
  const from = Math.floor(random() * values.length);
  const factor = between(random, 0.4, 2.5);
  for (let at = from; at < values.length; at++) values[at] = values[at]! * factor;
}

function addBursts(values: Float64Array, random: Random): void {
  const bursts = 1 + Math.floor(random() * 4);
  for (let burst = 0; burst < bursts; burst++) {
    const from = Math.floor(random() * values.length);
    const until = Math.min(values.length, from + 1 + Math.floor(random() * 20));
    const factor = between(random, 1.5, 6);
    for (let at = from; at < until; at++) values[at] = values[at]! * factor;
  }
}

function autoregressive(random: Random, points: number, memory: number, noise: number): Float64Array {
  let level = 0;
  return fill(points, () => {
    level = memory * level + noise * gaussian(random);
    return level;
  });
}

function fill(points: number, valueAt: (at: number) => number): Float64Array {
  const values = new Float64Array(points);
  for (let at = 0; at < points; at++) values[at] = valueAt(at);
  return values;
}

function between(random: Random, low: number, high: number): number {
  return low + (high - low) * random();
}

/** Box and Muller (1958). */
function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Knuth's multiplication method, for small rates. */
function poisson(random: Random, rate: number): number {
  const limit = Math.exp(-rate);
  let count = 0;
  for (let product = random(); product > limit; product *= random()) count++;
  return count;
}

import { type BadDirection, badDirection, type SignalKind } from '../../model/index.ts';
import { quantileOf } from './quantile.ts';
import type { Points } from './series-history.ts';

/** How one series changed between the time before and the time of an incident. */
export interface ChangeScore {
  /** 0 to 1: logarithm of the signed robust z, capped. */
  readonly severity: number;
  readonly z: number;
  readonly reference: number;
  readonly peak: number;
  /** 1: it rose, -1: it fell. */
  readonly direction: 1 | -1;
  /** First point of the run that deviated for good. */
  readonly onsetMs: number;
  /** Half the points of a full reference give 0.5. */
  readonly trust: number;
}

/** Least scale of a kind: a share of the median, and an absolute part in the metric's own unit. */
const noiseFloors: Partial<Readonly<Record<SignalKind, readonly [relative: number, absolute: number]>>> = {
  latency: [0.1, 0],
  errors: [0.1, 0.005],
  readiness: [0.001, 0],
  traffic: [0.1, 0.05],
  cpu: [0.05, 0.005],
  memory: [0.03, 0],
  queue: [0.1, 1],
  restarts: [0, 0.1],
  'cpu-throttling': [0.1, 0.005],
  'garbage-collection': [0.1, 0.002],
  'log-rate': [0.2, 0.05],
};
/** The same for counters read as rates, per second. */
const rateFloors: typeof noiseFloors = { errors: [0.1, 0.1], traffic: [0.1, 0.2] };
const defaultFloor = [0.1, 1e-9] as const;

const fullReference = 20;
const leastReference = 4;
const alarmZ = 3;
const fullZ = 60;

/** Severity of a robust z: 0 up to 3, logarithmic, 1 from 60 on, so that no single wild series outshouts the rest. */
export function severityOfZ(z: number): number {
  if (!(z > alarmZ)) return 0;
  return Math.min(1, Math.log(z / alarmZ) / Math.log(fullZ / alarmZ));
}

const scratch = { reference: new Float64Array(1024) };

/** A stretch of time, both ends included. */
export interface TimeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ChangeOptions {
  /** The points are a counter's rate, whose noise floor is another. */
  readonly isRate?: boolean;
  /** Times that tell nothing of health: earlier incidents. Taken all the same where too little else is left. */
  readonly except?: readonly TimeSpan[];
  readonly direction?: BadDirection;
}

/**
 * Median and interquartile range of the points up to `splitMs` against the points after it, the score being the largest
 * signed deviation that two successive points share (BARO, FSE'24, made persistent and given noise floors by kind),
 * less where such deviations are usual. Undefined with fewer than four reference points or none after the split.
 */
export function changeScore(
  points: Points,
  splitMs: number,
  signal: SignalKind,
  { isRate = false, except = [], direction = badDirection(signal) }: ChangeOptions = {},
): ChangeScore | undefined {
  const { times, values } = points;
  const split = firstAfter(times, splitMs);
  if (split < leastReference || split >= times.length || direction === 'none') return undefined;
  const reference = referenceOf(times, values, split, except);
  const median = quantileOf(reference, 0.5);
  const spread = (quantileOf(reference, 0.75) - quantileOf(reference, 0.25)) / 1.349;
  const [relative, absolute] = (isRate ? rateFloors[signal] : undefined) ?? noiseFloors[signal] ?? defaultFloor;
  const scale = Math.max(spread, relative * Math.abs(median), absolute, 1e-12);
  const rise = direction === 'down' ? undefined : strongest(points, split, median, scale, 1);
  const fall = direction === 'up' ? undefined : strongest(points, split, median, scale, -1);
  const best = rise !== undefined && (fall === undefined || rise.z >= fall.z) ? rise : fall!;
  return {
    severity: severityOfZ(best.z) * noveltyOf(reference, median, best.z * scale * best.sign),
    z: best.z,
    reference: median,
    peak: values[best.at],
    direction: best.sign,
    onsetMs: times[onsetBefore(values, split, best.at, median, scale, best.sign)],
    trust: Math.min(1, reference.length / fullReference),
  };
}

/** Share of the reference from which on a deviation is nothing new. */
const usualShare = 0.05;

/** 1 where the reference never deviated half as far to that side, 0 where a twentieth of it did: bursts are usual there. */
function noveltyOf(reference: Float64Array, median: number, deviation: number): number {
  let seen = 0;
  for (const value of reference) if ((value - median) / deviation >= 0.5) seen += 1;
  return Math.max(0, 1 - seen / (usualShare * reference.length));
}

function referenceOf(
  times: Float64Array,
  values: Float64Array,
  split: number,
  except: readonly TimeSpan[],
): Float64Array {
  if (scratch.reference.length < split) scratch.reference = new Float64Array(split * 2);
  let count = 0;
  for (let i = 0; i < split; i += 1) {
    if (except.some((span) => times[i] >= span.fromMs && times[i] <= span.toMs)) continue;
    scratch.reference[count] = values[i];
    count += 1;
  }
  if (count >= 2 * leastReference || except.length === 0) return scratch.reference.subarray(0, count);
  scratch.reference.set(values.subarray(0, split));
  return scratch.reference.subarray(0, split);
}

/** A sample that stands for this long is worth more than one of many: it needs less company. */
export const longStepMs = 30_000;
/** What the newest of such samples counts before the next one is there. */
const newestShare = 0.5;

function strongest({ times, values }: Points, from: number, median: number, scale: number, sign: 1 | -1) {
  let z = Number.NEGATIVE_INFINITY;
  let at = from;
  const alone = values.length - from === 1;
  const last = values.length - 1;
  const newest = last > 0 && times[last] - times[last - 1] >= longStepMs ? last : -1;
  for (let i = from; i < values.length; i += 1) {
    const here = ((values[i] - median) * sign) / scale;
    // A deviation counts as far as a neighbour shares it: single spikes are noise.
    const before = i > from ? ((values[i - 1] - median) * sign) / scale : Number.NEGATIVE_INFINITY;
    let shared = alone ? here : Math.min(here, before);
    if (i === newest) shared = Math.max(shared, here * newestShare);
    if (shared > z) {
      z = shared;
      at = i;
    }
  }
  return { z, at, sign };
}

/** Walks back from the peak to where the run began, not into the reference; one point below the alarm does not end it. */
function onsetBefore(
  values: Float64Array,
  first: number,
  peak: number,
  median: number,
  scale: number,
  sign: 1 | -1,
): number {
  let onset = peak;
  for (let i = peak - 1, quiet = 0; i >= first && quiet < 2; i -= 1) {
    if (((values[i] - median) * sign) / scale > alarmZ) {
      onset = i;
      quiet = 0;
    } else quiet += 1;
  }
  return onset;
}

/** Index of the first point later than `timeMs`. */
export function firstAfter(times: Float64Array, timeMs: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

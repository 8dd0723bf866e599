import { firstAfter } from './change-score.ts';
import type { Points } from './series-history.ts';

/** A steady climb of memory use: the mark of a leak. */
export interface MemoryRamp {
  /** 0 to 1: how steady (rank correlation with time) and how large (share of where it began). */
  readonly strength: number;
  readonly fromValue: number;
  readonly toValue: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const leastPoints = 6;
const restartDrop = 0.3;
/** A climb by less of where it began is what garbage does between collections; by more than the second it is large. */
const smallRise = 0.15;
const largeRise = 0.45;

/**
 * The strongest climb among the segments between restarts (a drop of more than 30 %), looking at points after `fromMs`.
 * Steadiness is Kendall's tau of value against time over at most 40 evenly taken points; a step or a plateau has a low one.
 * Undefined where no segment has six points.
 */
export function memoryRamp({ times, values }: Points, fromMs: number): MemoryRamp | undefined {
  let best: MemoryRamp | undefined;
  let begin = firstAfter(times, fromMs);
  for (let i = begin + 1; i <= values.length; i += 1) {
    if (i < values.length && values[i] > values[i - 1] * (1 - restartDrop)) continue;
    const ramp = climb(times, values, begin, i);
    if (ramp !== undefined && (best === undefined || ramp.strength >= best.strength)) best = ramp;
    begin = i;
  }
  return best;
}

function climb(times: Float64Array, values: Float64Array, begin: number, end: number): MemoryRamp | undefined {
  if (end - begin < leastPoints) return undefined;
  let top = end - 1;
  for (let i = begin; i < end; i += 1) if (values[i] > values[top]) top = i;
  // The climb proper starts at the last point near the level it began from.
  const floor = Math.min(...values.subarray(begin, Math.min(end, begin + leastPoints)));
  const rise = values[top] - floor;
  let from = begin;
  for (let i = begin; i < top; i += 1) if (values[i] < floor + rise * 0.1) from = i;
  if (top - from < leastPoints - 1 || rise <= 0) return undefined;
  const steadiness = Math.max(0, (kendall(values, from, top + 1) - 0.5) / 0.4);
  const size = Math.max(0, Math.min(1, (rise / Math.max(floor, 1e-9) - smallRise) / (largeRise - smallRise)));
  if (size === 0) return undefined;
  return {
    strength: Math.min(1, steadiness) * size * evenness(values, from, top),
    fromValue: values[from],
    toValue: values[top],
    fromMs: times[from],
    toMs: times[top],
  };
}

/** 1 where the climb is spread over its time, towards 0 where one step makes most of it (a new level is no leak). */
function evenness(values: Float64Array, from: number, top: number): number {
  let largest = 0;
  for (let i = from + 1; i <= top; i += 1) largest = Math.max(largest, values[i] - values[i - 1]);
  const share = largest / (values[top] - values[from]);
  return Math.max(0, Math.min(1, (0.8 - share) / 0.4));
}

function kendall(values: Float64Array, from: number, to: number): number {
  const stride = Math.max(1, Math.floor((to - from) / 40));
  let balance = 0;
  let pairs = 0;
  for (let i = from; i < to; i += stride) {
    for (let j = i + stride; j < to; j += stride) {
      balance += Math.sign(values[j] - values[i]);
      pairs += 1;
    }
  }
  return pairs === 0 ? 0 : balance / pairs;
}

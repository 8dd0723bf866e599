import type { Part, Resource } from './metric-roles.ts';
import { createRecoveredHigh, noteValue, type RecoveredHigh } from './recovered-high.ts';
import type { TrendPyramid } from './trend-pyramid.ts';

/** One resource of one node as one sender tells it. Plain data. */
export interface ResourceTrack {
  readonly resource: Resource;
  readonly place: string;
  readonly family: string;
  /** Slots of the series that tell of it. */
  readonly parts: Record<Part, number[]>;
  /** Row in the pyramid, -1 until the pace of its samples is known. */
  row: number;
  /** Times of the first samples, to know the pace by. */
  readonly firstMs: number[];
  sinceMs: number;
  takenMs: number;
  /** Taken share of the capacity. */
  used: number;
  most: number;
  recovered: RecoveredHigh;
  /** What the latest look found, where something. */
  ahead?: ResourceAhead;
}

export interface ResourceAhead {
  /** That it is used up within the horizon. */
  readonly logOdds: number;
  readonly expectedMs: number;
  readonly earliestMs: number;
  readonly latestMs: number;
  readonly overMs: number;
  readonly growth: number;
}

export interface Readings {
  readonly values: Float64Array;
  readonly timesMs: Float64Array;
}

const paceSamples = 4;
/** Falls smaller than this share of the capacity are noise. */
const leastFall = 0.01;
/** What came down from here was emptied because it was full. */
const exhausted = 0.95;

export function createResourceTrack(resource: Resource, place: string, family: string): ResourceTrack {
  return {
    resource,
    place,
    family,
    parts: { free: [], used: [], capacity: [], share: [] },
    row: -1,
    firstMs: [],
    sinceMs: 0,
    takenMs: 0,
    used: 0,
    most: 0,
    recovered: createRecoveredHigh(0, 0),
  };
}

/** Brings the latest readings into the trend; false where there is nothing new. `capacity` stands in where none is told. */
export function takeReadings(
  track: ResourceTrack,
  readings: Readings,
  pyramid: TrendPyramid,
  stepMs: number,
  capacity: number | undefined,
): boolean {
  const main = track.parts.free.length > 0 ? track.parts.free : [...track.parts.used, ...track.parts.share];
  let timeMs = Number.NEGATIVE_INFINITY;
  for (const slot of main) timeMs = Math.max(timeMs, readings.timesMs[slot]!);
  if (!(timeMs > track.takenMs)) return false;
  const used = usedShare(track, readings.values, capacity);
  if (!(used >= 0 && used <= 1)) return false;
  track.takenMs = timeMs;
  track.used = used;
  if (track.row < 0) {
    track.firstMs.push(timeMs);
    if (track.firstMs.length < paceSamples) return false;
    track.row = pyramid.allocate(Math.max(stepMs, paceOf(track.firstMs)));
    track.sinceMs = track.firstMs[0]!;
    track.recovered = createRecoveredHigh(used, timeMs);
  }
  noteValue(track.recovered, used, timeMs, leastFall, exhausted);
  pyramid.observe(track.row, timeMs, used);
  return true;
}

function usedShare(track: ResourceTrack, values: Float64Array, known: number | undefined): number {
  const { parts } = track;
  const sum = (slots: readonly number[]) => slots.reduce((total, slot) => total + values[slot]!, 0);
  if (parts.free.length === 0 && parts.used.length === 0) return parts.share.length > 0 ? sum(parts.share) : Number.NaN;
  const told = parts.capacity.length > 0 ? sum(parts.capacity) : undefined;
  const both = parts.free.length > 0 && parts.used.length > 0 ? sum(parts.free) + sum(parts.used) : undefined;
  const free = sum(parts.free);
  track.most = Math.max(track.most, free);
  const capacity = told ?? both ?? known ?? (parts.free.length > 0 ? track.most : Number.NaN);
  if (!(capacity > 0)) return Number.NaN;
  return parts.free.length > 0 ? 1 - Math.min(1, free / capacity) : Math.min(1, sum(parts.used) / capacity);
}

function paceOf(timesMs: readonly number[]): number {
  const distances = timesMs.slice(1).map((timeMs, at) => timeMs - timesMs[at]!);
  return distances.sort((a, b) => a - b)[distances.length >> 1]!;
}

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
  /** The same without the noise of samples closer than a minute: what it came down from is known by that. */
  steady: number;
  most: number;
  recovered: RecoveredHigh;
  /** What the latest look found, where something. */
  ahead?: ResourceAhead;
  /** Whether the node's firing anomaly names it. */
  foretold?: true;
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
/** A series that is so much older than its siblings has ended. */
const silentMs = 600_000;
/** Falls smaller than this share of the capacity are noise, */
const leastFall = 0.01;
/** of values so far apart. */
const steadyMs = 60_000;
/** From here on it is full: what came down from here was emptied because of that. */
export const exhausted = 0.95;

export function createResourceTrack(resource: Resource, place: string, family: string): ResourceTrack {
  return {
    resource,
    place,
    family,
    parts: { free: [], used: [], capacity: [] },
    row: -1,
    firstMs: [],
    sinceMs: 0,
    takenMs: 0,
    used: 0,
    steady: 0,
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
  const parts = freshParts(track.parts, readings.timesMs);
  const main = parts.free.length > 0 ? parts.free : parts.used;
  const timeMs = newestOf(main, readings.timesMs);
  if (!(timeMs > track.takenMs)) return false;
  const used = usedShare(track, parts, readings.values, capacity);
  if (!(used >= 0 && used <= 1)) return false;
  const passed = (timeMs - track.takenMs) / steadyMs;
  track.steady = passed < 1 ? track.steady + passed * (used - track.steady) : used;
  track.takenMs = timeMs;
  track.used = used;
  if (track.row < 0) {
    track.firstMs.push(timeMs);
    if (track.firstMs.length < paceSamples) return false;
    track.row = pyramid.allocate(Math.max(stepMs, paceOf(track.firstMs)));
    track.sinceMs = track.firstMs[0]!;
    track.recovered = createRecoveredHigh(track.steady, timeMs);
  }
  noteValue(track.recovered, track.steady, timeMs, leastFall, exhausted);
  pyramid.observe(track.row, timeMs, used);
  return true;
}

type Parts = Readonly<Record<Part, readonly number[]>>;

/** Exporters that start again tell the same under other labels: what fell silent is none of it any more. */
function freshParts({ free, used, capacity }: Parts, timesMs: Float64Array): Parts {
  const newestMs = Math.max(newestOf(free, timesMs), newestOf(used, timesMs), newestOf(capacity, timesMs));
  const isFresh = (slot: number) => newestMs - timesMs[slot]! <= silentMs;
  return { free: free.filter(isFresh), used: used.filter(isFresh), capacity: capacity.filter(isFresh) };
}

function newestOf(slots: readonly number[], timesMs: Float64Array): number {
  return slots.reduce((newest, slot) => Math.max(newest, timesMs[slot]!), Number.NEGATIVE_INFINITY);
}

/** NaN where it cannot be told; `known` is the capacity where no series tells it. */
function usedShare(track: ResourceTrack, parts: Parts, values: Float64Array, known: number | undefined): number {
  const sum = (slots: readonly number[]) => slots.reduce((total, slot) => total + values[slot]!, 0);
  const isFreeTold = parts.free.length > 0;
  const free = sum(parts.free);
  const used = sum(parts.used);
  track.most = Math.max(track.most, free);
  const told = parts.capacity.length > 0 ? sum(parts.capacity) : undefined;
  const both = isFreeTold && parts.used.length > 0 ? free + used : undefined;
  const capacity = told ?? both ?? known ?? (isFreeTold ? track.most : Number.NaN);
  if (!(capacity > 0)) return Number.NaN;
  return isFreeTold ? 1 - Math.min(1, free / capacity) : Math.min(1, used / capacity);
}

function paceOf(timesMs: readonly number[]): number {
  const distances = timesMs.slice(1).map((timeMs, at) => timeMs - timesMs[at]!);
  return distances.sort((a, b) => a - b)[distances.length >> 1]!;
}

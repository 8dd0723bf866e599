import { createDurationSketch, type DurationSketch } from './duration-sketch.ts';

/** Requests of a target in one window, or in several that were joined. */
export interface Requests {
  readonly windows: number;
  readonly durations: Pick<DurationSketch, 'count' | 'quantile' | 'each' | 'smallestMs' | 'largestMs'>;
  readonly errors: number;
  readonly selfMs: number;
  /** What it held up of its traces, and how long those took. */
  readonly pathMs: number;
  readonly traceMs: number;
  /** No spans were missing to put traces together. */
  readonly isWhole: boolean;
}

/**
 * Joins windows of few requests: two of them in five seconds, where one was usual, say next to nothing, and of a single
 * request every error is a ratio of one.
 */
export interface Gathering {
  /**
   * Takes a target's window in. Gives what is to be told of it now, which holds until the next call: that window, or all since it
   * was told last; undefined while these are too few.
   */
  add(target: number, window: Requests): Requests | undefined;
  /** The target is idle: what was gathered is not told any more. */
  forget(target: number): void;
  save(): unknown;
  load(saved: unknown): void;
}

export interface GatheringOptions {
  readonly minimumRequests: number;
  /** So many windows are joined at most. */
  readonly mostWindows: number;
}

interface Held {
  windows: number;
  readonly durations: DurationSketch;
  errors: number;
  selfMs: number;
  pathMs: number;
  traceMs: number;
  isWhole: boolean;
}

interface Saved extends Omit<Held, 'durations'> {
  readonly target: number;
  readonly usual: number;
  readonly buckets: readonly (readonly [bucket: number, count: number])[];
  readonly smallestMs: number;
  readonly largestMs: number;
}

/** While fewer windows than this usually hold enough, an empty one is the end of what came before. */
const oneByOne = 1.5;
/** Where too few requests come it is told after so many times the windows that usually hold enough, and sooner where none come. */
const patience = 1.5;
const patienceWithNone = 0.5;
const learnShare = 1 / 8;

export function createGathering({ minimumRequests, mostWindows }: GatheringOptions): Gathering {
  /** Windows that it takes to have enough, by target. */
  let usual: number[] = [];
  let held: (Held | undefined)[] = [];

  function usualOf(target: number): number {
    return usual[target] ?? 1;
  }

  function isEnd(target: number, { durations }: Requests): boolean {
    return durations.count === 0 && usualOf(target) < oneByOne;
  }

  function limitOf(target: number, { durations }: Held): number {
    const times = durations.count === 0 ? patienceWithNone : patience;
    return Math.min(mostWindows, Math.ceil(times * usualOf(target)));
  }

  /** Silence says nothing of how many requests are usual. */
  function learn(target: number, { windows, durations: { count } }: Requests): void {
    if (count === 0) return;
    const needed = Math.min(mostWindows, Math.max(windows, (windows * minimumRequests) / count));
    usual[target] = usualOf(target) + (needed - usualOf(target)) * learnShare;
  }

  function heldOf(target: number): Held {
    const known = held[target];
    if (known !== undefined) return known;
    while (held.length <= target) held.push(undefined);
    const made = emptyHeld();
    held[target] = made;
    return made;
  }

  return {
    add: (target, window) => {
      while (usual.length <= target) usual.push(1);
      const isPending = (held[target]?.windows ?? 0) > 0;
      if (!isPending && (window.durations.count >= minimumRequests || isEnd(target, window))) {
        learn(target, window);
        return window;
      }
      const all = heldOf(target);
      if (!isPending) all.durations.clear();
      // A rate of half of what came and nothing is neither.
      const ends = isPending && all.durations.count > 0 && isEnd(target, window);
      if (!ends) join(all, window);
      if (!ends && all.durations.count < minimumRequests && all.windows < limitOf(target, all)) return undefined;
      const told: Requests = { ...all };
      learn(target, told);
      Object.assign(all, { windows: 0, errors: 0, selfMs: 0, pathMs: 0, traceMs: 0, isWhole: true });
      return told;
    },
    forget: (target) => {
      held[target] = undefined;
    },
    save: () =>
      usual.map((windows, target): Saved => {
        const { durations, ...rest } = held[target] ?? emptyHeld();
        const buckets: [number, number][] = [];
        // What was told already is not emptied before the next window.
        if (rest.windows > 0) durations.each((bucket, count) => buckets.push([bucket, count]));
        const [smallestMs, largestMs] = buckets.length === 0 ? [0, 0] : [durations.smallestMs, durations.largestMs];
        return { target, usual: windows, ...rest, buckets, smallestMs, largestMs };
      }),
    load: (saved) => {
      usual = [];
      held = [];
      for (const { target, usual: windows, buckets, smallestMs, largestMs, ...rest } of saved as Saved[]) {
        usual[target] = windows;
        if (rest.windows === 0) continue;
        const all = Object.assign(heldOf(target), rest);
        const each = (take: (bucket: number, count: number) => void) => {
          for (const [bucket, count] of buckets) take(bucket, count);
        };
        if (buckets.length > 0) all.durations.merge({ each, smallestMs, largestMs });
      }
    },
  };
}

function emptyHeld(): Held {
  return {
    windows: 0,
    durations: createDurationSketch(),
    errors: 0,
    selfMs: 0,
    pathMs: 0,
    traceMs: 0,
    isWhole: true,
  };
}

function join(into: Held, window: Requests): void {
  into.windows += window.windows;
  into.durations.merge(window.durations);
  into.errors += window.errors;
  into.selfMs += window.selfMs;
  into.pathMs += window.pathMs;
  into.traceMs += window.traceMs;
  into.isWhole &&= window.isWhole;
}

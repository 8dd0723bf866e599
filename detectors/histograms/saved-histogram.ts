import { addBucket, createHistogram, type Histogram } from './histogram.ts';

/** A histogram as JSON, which has neither NaN nor +Infinity: where one is held the other never is, and null stands for it. */
export interface SavedHistogram {
  readonly name: string;
  readonly kind: Histogram['kind'];
  readonly met: readonly (number | null)[];
  readonly before: readonly (number | null)[];
  readonly gathered: readonly number[];
  readonly gatheredFromMs: number | null;
  readonly read: readonly number[];
  readonly tail: {
    readonly counts: readonly number[];
    readonly read: readonly number[];
    readonly fromMs: number | null;
  };
  readonly lastMs: number;
  readonly endedMs: number | null;
  readonly open: readonly (readonly [window: number, readings: readonly (number | null)[]])[];
}

export function savedOf(histogram: Histogram): SavedHistogram {
  return {
    name: histogram.name,
    kind: histogram.kind,
    met: histogram.met.map(finite),
    before: Array.from(histogram.before, finite),
    gathered: [...histogram.gathered],
    gatheredFromMs: finite(histogram.gatheredFromMs),
    read: [...histogram.read],
    tail: {
      counts: [...histogram.tail],
      read: [...histogram.tailRead],
      fromMs: finite(histogram.tailFromMs),
    },
    lastMs: histogram.lastMs,
    endedMs: finite(histogram.endedMs),
    open: [...histogram.open].map(([window, readings]) => [window, Array.from(readings, finite)]),
  };
}

export function histogramOf(saved: SavedHistogram): Histogram {
  const histogram = createHistogram(saved.name, saved.kind);
  for (const bound of saved.met) addBucket(histogram, bound ?? Number.POSITIVE_INFINITY);
  histogram.before.set(saved.before.map(orNaN));
  histogram.gathered.set(saved.gathered);
  histogram.gatheredFromMs = orNaN(saved.gatheredFromMs);
  histogram.read.set(saved.read);
  histogram.tail.set(saved.tail.counts);
  histogram.tailRead.set(saved.tail.read);
  histogram.tailFromMs = orNaN(saved.tail.fromMs);
  histogram.lastMs = saved.lastMs;
  histogram.endedMs = orNaN(saved.endedMs);
  for (const [window, readings] of saved.open) histogram.open.set(window, Float64Array.from(readings, orNaN));
  return histogram;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function orNaN(value: number | null): number {
  return value ?? Number.NaN;
}

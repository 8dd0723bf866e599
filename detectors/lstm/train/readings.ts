import { createPoint, noteTime, type ReadingColumns, readValue } from '../../metrics/index.ts';

/** What the readings of one series mean, as the metric detector takes them. */
export interface Readings {
  /** The value that is scored: a gauge's own, a counter's rate; NaN where nothing can be said. */
  take(timeMs: number, raw: number): number;
  /** Milliseconds between readings, as followed so far; 0 before the second. */
  readonly intervalMs: number;
}

/** `kind` is the code that scoring knows a series by. */
export function createReadings(kind: number): Readings {
  const columns: ReadingColumns = {
    kind: Uint8Array.of(kind),
    lastMs: Float64Array.of(Number.NaN),
    lastRaw: new Float64Array(1),
    intervalMs: new Float64Array(1),
  };
  const point = createPoint();
  return {
    take(timeMs, raw) {
      point.timeMs = timeMs;
      point.raw = raw;
      readValue(columns, 0, point);
      noteTime(columns, 0, point);
      return point.reading;
    },
    get intervalMs() {
      return columns.intervalMs[0]!;
    },
  };
}

/** How often the value is another than the one before. */
export function changesIn(values: ArrayLike<number>): number {
  let count = 0;
  for (let at = 1; at < values.length; at++) if (values[at] !== values[at - 1]) count++;
  return count;
}

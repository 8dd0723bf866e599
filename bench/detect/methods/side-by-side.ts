import { intervalMs } from '../metrics/episodes.ts';
import type { LabelledSeries } from './method.ts';

const weekMs = 7 * 86_400_000;

/** The points of one moment: which series have one, and at which place of theirs. */
export interface Moment {
  readonly timeMs: number;
  readonly count: number;
  readonly series: Uint32Array;
  readonly places: Uint32Array;
}

/**
 * Plays series of different times as if they had been recorded side by side: each is moved by whole weeks, so that its
 * hours and days stay what they were, to begin in the same week as the others. Moments come in time order; the columns
 * are reused by the next.
 */
export function* sideBySide(series: readonly LabelledSeries[]): Generator<Moment> {
  const starts = series.map(({ timesMs }) => timesMs[0] ?? Number.POSITIVE_INFINITY);
  const firstMs = Math.min(...starts);
  const shifts = starts.map((startMs) =>
    Number.isFinite(startMs) ? Math.floor((startMs - firstMs) / weekMs) * weekMs : 0,
  );
  const nextMs = Float64Array.from(starts, (startMs, at) => startMs - shifts[at]!);
  const place = new Uint32Array(series.length);
  const moment = {
    timeMs: 0,
    count: 0,
    series: new Uint32Array(series.length),
    places: new Uint32Array(series.length),
  };
  for (;;) {
    let timeMs = Number.POSITIVE_INFINITY;
    for (let at = 0; at < nextMs.length; at += 1) timeMs = Math.min(timeMs, nextMs[at]!);
    if (timeMs === Number.POSITIVE_INFINITY) return;
    moment.timeMs = timeMs;
    moment.count = 0;
    for (let at = 0; at < nextMs.length; at += 1) {
      if (nextMs[at] !== timeMs) continue;
      moment.series[moment.count] = at;
      moment.places[moment.count] = place[at]!;
      moment.count += 1;
    }
    yield moment;
    for (let row = 0; row < moment.count; row += 1) {
      const at = moment.series[row]!;
      place[at]! += 1;
      const { timesMs } = series[at]!;
      // Rows that repeat a time or go back in it come one after the other, as a sender's late rows would.
      const next = place[at]! < timesMs.length ? timesMs[place[at]!]! - shifts[at]! : Number.POSITIVE_INFINITY;
      nextMs[at] = next;
    }
  }
}

/** The shortest interval of all. */
export function shortestIntervalMs(series: readonly LabelledSeries[]): number {
  return Math.min(...series.map(({ timesMs }) => intervalMs(timesMs)));
}

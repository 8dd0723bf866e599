import type { Random } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import type { NormalisedSeries } from './normalised-series.ts';
import type { TrainingSource } from './training-data.ts';

/** The part of every series' time that a set of windows is drawn from. */
export const timeParts = {
  training: [0, 0.7],
  /** Decides when to stop. */
  validation: [0.7, 0.85],
  /** Decides nothing; its error is what the model card reports. */
  heldOut: [0.85, 1],
} as const satisfies Record<string, readonly [number, number]>;

export type TimePart = keyof typeof timeParts;

/** Windows of 60 in rows: inputs and, for every step, the next value. */
export interface WindowSet {
  readonly count: number;
  /** [count, 60]. */
  readonly inputs: Float32Array;
  /** [count, 60]. */
  readonly targets: Float32Array;
  /** Index into the sources, by row. */
  readonly sources: Uint8Array;
}

/** How many draws in a row may hit a stretch without any movement before one is taken. */
const flatDraws = 10;

/** Draws windows: a source by its share, a series of it, a start within the part of its time. */
export function drawWindows(
  sources: readonly TrainingSource[],
  part: TimePart,
  count: number,
  random: Random,
): WindowSet {
  const windows: WindowSet = {
    count,
    inputs: new Float32Array(count * forecastWindow),
    targets: new Float32Array(count * forecastWindow),
    sources: new Uint8Array(count),
  };
  for (let row = 0; row < count; row++) {
    const source = drawSource(sources, random);
    let drawn = drawStart(sources[source]!.series, part, random);
    for (let draw = 1; draw < flatDraws && isFlat(drawn.series, drawn.start); draw++) {
      drawn = drawStart(sources[source]!.series, part, random);
    }
    const { series, start } = drawn;
    windows.inputs.set(series.inputs.subarray(start, start + forecastWindow), row * forecastWindow);
    windows.targets.set(series.targets.subarray(start, start + forecastWindow), row * forecastWindow);
    windows.sources[row] = source;
  }
  return windows;
}

function drawSource(sources: readonly TrainingSource[], random: Random): number {
  let left = random() * sources.reduce((sum, source) => sum + source.share, 0);
  const found = sources.findIndex((source) => {
    left -= source.share;
    return left < 0;
  });
  return found < 0 ? sources.length - 1 : found;
}

function drawStart(
  all: readonly NormalisedSeries[],
  part: TimePart,
  random: Random,
): { readonly series: NormalisedSeries; readonly start: number } {
  const series = all[Math.floor(random() * all.length)]!;
  const [from, until] = timeParts[part];
  const first = Math.ceil(series.inputs.length * from);
  const last = Math.floor(series.inputs.length * until) - forecastWindow;
  return { series, start: first + Math.floor(random() * (last - first + 1)) };
}

function isFlat(series: NormalisedSeries, start: number): boolean {
  for (let at = start; at < start + forecastWindow; at++) {
    if (Math.abs(series.inputs[at]!) > 1e-3 || Math.abs(series.targets[at]!) > 1e-3) return false;
  }
  return true;
}

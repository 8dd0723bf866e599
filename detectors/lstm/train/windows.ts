import type { Random } from '../../../model/index.ts';
import { forecastWindow } from '../index.ts';
import { seriesIn, spanOf, type TimePart, type TrainingSeries, type TrainingSource } from './training-series.ts';

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
  const seriesOfSource = sources.map(({ series }) => seriesIn(series, part));
  for (let row = 0; row < count; row++) {
    const source = drawSource(sources, random);
    const all = seriesOfSource[source]!;
    let drawn = drawStart(all, part, random);
    for (let draw = 1; draw < flatDraws && isFlat(drawn.series, drawn.start); draw++) {
      drawn = drawStart(all, part, random);
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
  all: readonly TrainingSeries[],
  part: TimePart,
  random: Random,
): { readonly series: TrainingSeries; readonly start: number } {
  const series = all[Math.floor(random() * all.length)]!;
  const [first, end] = spanOf(series, part);
  return { series, start: first + Math.floor(random() * (end - forecastWindow - first + 1)) };
}

function isFlat(series: TrainingSeries, start: number): boolean {
  for (let at = start; at < start + forecastWindow; at++) {
    if (Math.abs(series.inputs[at]!) > 1e-3 || Math.abs(series.targets[at]!) > 1e-3) return false;
  }
  return true;
}

import type { NormalisedSeries } from './normalised-series.ts';

/** The part of every series' time that a set of windows is drawn from, where a series does not say otherwise. */
export const timeParts = {
  training: [0, 0.7],
  /** Decides when to stop. */
  validation: [0.7, 0.85],
  /** Decides nothing; its error is what the model card reports. */
  heldOut: [0.85, 1],
} as const satisfies Record<string, readonly [number, number]>;

export type TimePart = keyof typeof timeParts;

/** A series and, where all of it belongs to one part of the data, which. */
export interface TrainingSeries extends NormalisedSeries {
  readonly part?: TimePart;
}

/** The first point of a series that belongs to this part and the one after the last; equal where none does. */
export function spanOf({ inputs, part: whole }: TrainingSeries, part: TimePart): readonly [number, number] {
  if (whole !== undefined) return [0, whole === part ? inputs.length : 0];
  const [from, until] = timeParts[part];
  return [Math.ceil(inputs.length * from), Math.floor(inputs.length * until)];
}

/** Where training series come from, and how often a window is drawn from there. */
export interface TrainingSource {
  readonly name: string;
  readonly share: number;
  readonly series: readonly TrainingSeries[];
}

/** Series of which something belongs to this part. */
export function seriesIn(series: readonly TrainingSeries[], part: TimePart): readonly TrainingSeries[] {
  return series.filter((one) => one.part === undefined || one.part === part);
}

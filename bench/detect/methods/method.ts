import type { LabelledMachine, RecordedSeries } from '../../../datasets/series/index.ts';

export type LabelledSeries = Required<RecordedSeries>;

/** What a method says of one series: columns as long as the series. */
export interface SeriesScores {
  /** Higher is more anomalous, from what was known at that point or before; finite. */
  readonly scores: Float64Array;
  /** The same for comparison with other series, where that is another number: what one threshold for all is held against. */
  readonly ranks?: Float64Array;
  /** 1 at the points where an alarm stands, by a rule of the method's own; methods without one are given the bench's. */
  readonly alarms?: Uint8Array;
}

/**
 * A way to score single series. Causal: the score of a point follows from it and those before; only the points before
 * `fitEnd` may be used to fit anything, without their labels.
 */
export interface SeriesMethod {
  readonly name: string;
  score(series: LabelledSeries, fitEnd: number): SeriesScores | Promise<SeriesScores>;
}

/** Several ways that come from one run over all series together; answers by name, in the order of the series. */
export interface SeriesRun {
  readonly names: readonly string[];
  run(series: readonly LabelledSeries[]): Promise<ReadonlyMap<string, readonly SeriesScores[]>>;
}

/** What a method says of a machine: as of a series, and which metrics explain it. */
export interface MachineScores extends SeriesScores {
  /** How much each metric has to do with it from point `first` to `last`; higher is more. */
  readonly contributions?: (first: number, last: number) => Float64Array;
}

/** The same for all metrics of a machine together. Fits on what lies before `trainEnd`. */
export interface MachineRun {
  readonly names: readonly string[];
  run(machines: readonly LabelledMachine[]): Promise<ReadonlyMap<string, readonly MachineScores[]>>;
}

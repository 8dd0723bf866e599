import type { RecordedSeries } from '../../../datasets/series/index.ts';

export type LabelledSeries = Required<RecordedSeries>;

/** What a method says of one series: columns as long as the series. */
export interface SeriesScores {
  /** Higher is more anomalous, from what was known at that point or before; finite. */
  readonly scores: Float64Array;
  /** 1 at the points where an alarm stands on its own, fixed rule; methods without one are given those of the bench. */
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
export interface SharedRun {
  readonly names: readonly string[];
  run(series: readonly LabelledSeries[]): Promise<ReadonlyMap<string, readonly SeriesScores[]>>;
}

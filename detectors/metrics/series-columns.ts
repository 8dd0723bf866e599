import { type Columns, createColumns } from '../checkpoint/columns.ts';

/** State of one scored series, one row a slot. Times are epoch milliseconds, NaN for never. */
export const seriesColumnTypes = {
  /** Catalogue id. */
  series: Uint32Array,
  /** 0 gauge, 1 counter, 2 delta, 3 scored by its increase. */
  kind: Uint8Array,
  count: Uint32Array,
  /** How often the value changed, up to 255: a series that never moves is a setting. */
  changes: Uint8Array,
  lastMs: Float64Array,
  /** As received: a counter's reading. */
  lastRaw: Float64Array,
  /** Last scored value: a gauge's or a rate. */
  lastValue: Float64Array,
  /** Observed distance of samples in milliseconds: smoothed, robust. */
  intervalMs: Float64Array,
  /** Slow robust level, of the value or (once a season is known) of the value less its season. */
  level: Float64Array,
  levelScale: Float64Array,
  /** New level, beside the season if one is known, that was accepted after a shift, NaN for none; when last seen there. */
  accepted: Float64Array,
  acceptedMs: Float64Array,
  /** Scale of the distance from the season, and samples with a season. */
  seasonScale: Float64Array,
  seasonCount: Uint32Array,
  /** Scale of the steps from one value to the next. */
  stepScale: Float64Array,
  /** Evidence of the latest samples, and of more of them; the logarithm of its own tail, and over how long that was learnt. */
  gathered: Float64Array,
  lasting: Float32Array,
  tail: Float64Array,
  /** The most that lately spoke against the recent past, fading. */
  sudden: Float32Array,
  lifeMs: Float64Array,
  /** The most that has gathered on this day, and the geometric mean of those. */
  dayPeak: Float32Array,
  dayTail: Float32Array,
  /** Work that comes each day: when it last began, on how many days running, the most that gathered then, and the least before. */
  dailyMs: Float64Array,
  dailyRun: Uint8Array,
  dailyPeak: Float32Array,
  dailyLeast: Float32Array,
  /** The least and the greatest value ever seen, and how new the latest ones were, 0 to 1. */
  lowest: Float64Array,
  highest: Float64Array,
  novelty: Float32Array,
  /** The least and the greatest distance from what is usual at the time, where there is a season. */
  leastResidual: Float32Array,
  mostResidual: Float32Array,
  /** The rank last told, and when. */
  toldRank: Float32Array,
  toldMs: Float64Array,
  /** Samples it has stood still, the longest such run before, when it last moved, and the share of samples that moved. */
  still: Uint32Array,
  longestStill: Float64Array,
  movedMs: Float64Array,
  motion: Float64Array,
  /** 1: told to be silent; 2: ended by its sender; 3: silent together with many. */
  silent: Uint8Array,
  /** Time of the last scored value. */
  scoredMs: Float64Array,
  /** The season last taken off the value, NaN while none is known. */
  lastSeason: Float64Array,
  /** Follows within a few samples: where a shift has led. */
  fast: Float64Array,
  /** What the model expects next, in the series' unit; NaN before it says anything. */
  forecast: Float64Array,
  forecastScale: Float64Array,
  forecastCount: Uint32Array,
  /** Length of the present run of deviations to one side, negative for below. */
  sideRun: Int32Array,
  sideSinceMs: Float64Array,
  /** Latest samples, newest lowest: 1 deviated. */
  bits: Uint8Array,
  cleanRun: Uint32Array,
  cleanSinceMs: Float64Array,
  /** First of the deviating samples in `bits`. */
  onsetMs: Float64Array,
  /** 0 none, 1 firing, 2 cleared but may yet be the same. */
  episode: Uint8Array,
  bandSecond: Float64Array,
  /** Root mean square distance from the level over four weeks, nothing clipped. */
  spread: Float64Array,
  /** Over the threshold: deviations smaller than this are this series' nature, learnt from alarms that came and went. */
  burst: Float64Array,
  /** Largest deviation of the present episode. */
  peak: Float64Array,
  /** Share of the threshold from which it deviates, where an operator said that something was missed; 0: all of it. */
  share: Float64Array,
  /** Slots of other tables plus one; 0 none. */
  model: Uint32Array,
  season: Uint32Array,
  hour: Uint32Array,
  trend: Uint32Array,
};
export type SeriesColumns = Columns<typeof seriesColumnTypes>;

export function createSeriesColumns(): SeriesColumns {
  return createColumns(seriesColumnTypes, 64);
}

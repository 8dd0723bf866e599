import type { MetricsConfig } from '../config.ts';
import type { Evidence, Measure } from './evidence.ts';
import { acceptStillness, stillness } from './flat-line.ts';
import { createLesson, learnScale, unclippedSamples } from './robust-scale.ts';
import type { Sample } from './sample.ts';
import type { SeasonProfiles } from './season-profile.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { TrendView } from './trend-view.ts';
import { type Verdict, viewFlat, viewForecast, viewSeason, viewStep, viewTrend } from './verdict.ts';
import type { WallClock } from './wall-clock.ts';

/** Beside the distance from the usual level: what each view says of the sample, left in the evidence. */
export interface Views {
  /** The season, NaN while none is known: taken off the level when it becomes known, put back when it is lost. */
  lookAtSeason(slot: number): void;
  judgeSeason(slot: number): void;
  /** Against the network's forecast, and against the last value; their scales learn. */
  judgeForecast(slot: number): void;
  judgeStep(slot: number): void;
  /** How much the slow growth of what fills up, and standing still, count for; 0 for nothing. */
  judgeTrend(slot: number): number;
  judgeStillness(slot: number): number;
}

export interface ViewsDeps {
  readonly columns: SeriesColumns;
  readonly seasons: SeasonProfiles;
  readonly trends: TrendView;
  readonly config: MetricsConfig;
  readonly readWallClock: WallClock;
  readonly verdict: Verdict;
  readonly measure: Measure;
  readonly evidence: Evidence;
  readonly sample: Sample;
}

/** Samples with a season before they are held against it alone. */
const seasonWarmup = 60;

export function createViews(deps: ViewsDeps): Views {
  const { columns, seasons, trends, config, readWallClock, verdict, measure, evidence, sample } = deps;
  const lesson = createLesson();

  function lookAtSeason(slot: number): void {
    const seasonSlot = columns.season[slot]!;
    sample.season = Number.NaN;
    sample.onEdge = false;
    if (seasonSlot === 0) return;
    readWallClock(sample);
    seasons.observe(seasonSlot - 1, sample);
    meetEdge(slot);
    const { season } = sample;
    const last = columns.lastSeason[slot]!;
    if (Number.isNaN(last) !== Number.isNaN(season)) {
      columns.level[slot] = columns.level[slot]! + (Number.isNaN(season) ? last : -season);
      columns.accepted[slot] = Number.NaN;
    }
    columns.lastSeason[slot] = season;
  }

  // Bins do not tell when within them a day's edge comes: a straight line over it is half its height wrong.
  function meetEdge(slot: number): void {
    const { value, least, most, rise } = sample;
    const scale = columns.seasonScale[slot]!;
    const isSteep = columns.seasonCount[slot]! > seasonWarmup && rise >= 2 * measure.threshold * scale;
    if (!isSteep) return;
    sample.season = Math.max(least, Math.min(most, value));
    sample.onEdge = Math.abs(value - sample.season) < measure.threshold * scale;
  }

  /** Lets a view speak of what is weighed once it is known, and only weighs it before. */
  function addIf(known: boolean, view: number): void {
    if (known) evidence.add(view);
    else {
      evidence.weigh();
      evidence.said = 0;
    }
  }

  function judgeSeason(slot: number): void {
    const seen = columns.seasonCount[slot]! + 1;
    columns.seasonCount[slot] = seen;
    evidence.expected = sample.season;
    evidence.learntScale = columns.seasonScale[slot]!;
    addIf(seen > seasonWarmup, viewSeason);
  }

  /** From what was expected of the next value: the network's forecast, or the last value. */
  function judgeChange(known: boolean, view: number): void {
    const change = sample.value - evidence.expected;
    // Where only one direction is bad, or what is rare is counted, what mostly leads back to the usual level is no news.
    const eitherWay = measure.direction === 0 && !measure.rests;
    const isNews = eitherWay || sample.residual * Math.sign(change) >= Math.abs(change) / 2;
    addIf(known && isNews && !sample.onEdge, view);
  }

  function judgeForecast(slot: number): void {
    const forecast = columns.forecast[slot]!;
    evidence.said = 0;
    if (Number.isNaN(forecast)) return;
    const seen = columns.forecastCount[slot]! + 1;
    columns.forecastCount[slot] = seen;
    evidence.expected = forecast;
    evidence.learntScale = columns.forecastScale[slot]!;
    const known = seen >= config.warmupSamples;
    judgeChange(known, viewForecast);
    if (known && columns.episode[slot] !== 1) evidence.show();
    learn(columns.forecastScale, slot, seen);
  }

  function judgeStep(slot: number): void {
    const count = columns.count[slot]!;
    evidence.expected = sample.last;
    evidence.learntScale = columns.stepScale[slot]!;
    judgeChange(count > unclippedSamples, viewStep);
    learn(columns.stepScale, slot, count - 1);
  }

  /** Takes the residual that has just been weighed into its scale. */
  function learn(scales: Float64Array, slot: number, seen: number): void {
    const beyond = Math.abs(evidence.z) >= measure.threshold * measure.young;
    lesson.residual = evidence.value - evidence.expected;
    lesson.floor = evidence.floor;
    learnScale(scales, slot, lesson, seen, beyond);
  }

  function judgeTrend(slot: number): number {
    const trend = columns.trend[slot]! - 1;
    if (sample.teaches) trends.observe(trend, sample, columns.episode[slot] !== 1, columns.count[slot]!);
    const growth = trends.growth(trend);
    if (growth <= 0) return 0;
    const start = trends.start(trend);
    const needed = Math.max(measure.leastAbsolute, measure.relativeUp * Math.abs(start));
    evidence.said = (config.threshold * growth) / needed / measure.young;
    evidence.expected = start;
    evidence.halfWidth = needed;
    evidence.take(viewTrend);
    return evidence.said;
  }

  function judgeStillness(slot: number): number {
    const stood = stillness(columns, slot, sample.value !== sample.last, sample.timeMs, config.flatSamples);
    if (stood < 1) return 0;
    // Of the whole time, this is how long it has been news.
    const newsMs = (1 - 1 / stood) * (sample.timeMs - columns.movedMs[slot]!);
    if (newsMs < config.acceptShiftSeconds * 1000) {
      evidence.said = config.threshold * stood;
      evidence.expected = sample.value;
      evidence.halfWidth = 0;
      evidence.take(viewFlat);
      return evidence.said;
    }
    acceptStillness(columns, slot);
    verdict.accepted = true;
    return 0;
  }

  return { lookAtSeason, judgeSeason, judgeForecast, judgeStep, judgeTrend, judgeStillness };
}

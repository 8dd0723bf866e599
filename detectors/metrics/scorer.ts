import { utcCalendar, type ZoneClock } from '../calendar/index.ts';
import type { MetricsConfig } from '../config.ts';
import type { SeasonProfiles } from './season-profile.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { TrendView } from './trend-view.ts';

export const viewForecast = 1;
export const viewLevel = 2;
export const viewSeason = 3;
export const viewTrend = 4;

/** What the last scored sample came to. One object, overwritten by each call: read it before the next. */
export interface Verdict {
  /** False while the series is too young to be scored: the rest is then void. */
  scored: boolean;
  /** Largest of the views' scores: residual over robust scale, widened for youth; 0 on the good side or if immaterial. */
  score: number;
  /** The same without regard to direction and size, for the calibration of severity. */
  rawScore: number;
  deviates: boolean;
  view: number;
  /** Expectation and band of the view that gave the score. */
  expected: number;
  lower: number;
  upper: number;
  /** Expectation and band to show. */
  bandExpected: number;
  bandLower: number;
  bandUpper: number;
  /** Score of each view by its number, 0 where it has nothing to say; the largest is `score`. */
  readonly viewScores: Float64Array;
  /** The level was moved to where the series has stayed: whatever was firing is the new normal. */
  accepted: boolean;
}

export interface Scorer {
  readonly verdict: Verdict;
  /** Scores a value against what was expected of it, then lets the expectations learn from it. */
  score(slot: number, profile: SignalProfile, timeMs: number, value: number): void;
}

/** Samples the level and the scales remember. */
const memory = 240;
/** Samples taken in unclipped, because there is no scale to clip by. */
const unclipped = 16;
/** Residuals beyond so many scales move level and scale no further (Huber 1964). */
const levelClip = 3;
const scaleClip = 4;
/** Mean absolute deviation to standard deviation, for normal noise. */
const toSigma = 1.2533;
/** Deviating samples still teach the scale, an eighth as fast: what stays noisy becomes normal, in hours. */
const outlierGain = 0.125;
/** A scale learnt from n samples is uncertain by about this over n; limits are widened by it. */
const youth = 40;
/** Below this many samples that widening is more than a quarter. */
export const youngSamples = 4 * youth;
/** Samples that the spread remembers, and the share of it below which no scale falls. */
const spreadMemory = 2000;
const spreadFloor = 0.1;
/** Samples on one side that make a level shift; vmanomaly's changepoint window. */
const shiftSamples = 16;
/** A series that moved less often than this is a setting, and is not forecast. */
export const settledChanges = 8;

/**
 * Two residuals of every value, the larger counts: against the forecast made one step ago, and against the usual level
 * at this time of day (level plus seven-day median season where known); for what fills up also the slow trend. Each is
 * over its own robust scale with floors, and only counts in the bad direction and beyond a material size.
 */
export function createScorer(
  columns: SeriesColumns,
  seasons: SeasonProfiles,
  trends: TrendView,
  config: MetricsConfig,
  calendar: Pick<ZoneClock, 'offsetMs'> = utcCalendar,
): Scorer {
  const verdict: Verdict = {
    scored: false,
    score: 0,
    rawScore: 0,
    deviates: false,
    view: 0,
    expected: 0,
    lower: 0,
    upper: 0,
    bandExpected: 0,
    bandLower: 0,
    bandUpper: 0,
    viewScores: new Float64Array(viewTrend + 1),
    accepted: false,
  };

  /** Bands of what cannot be negative end at this. */
  let floorOfBand = Number.NEGATIVE_INFINITY;

  function showBand(expected: number, halfWidth: number): void {
    verdict.bandExpected = expected;
    verdict.bandLower = Math.max(floorOfBand, expected - halfWidth);
    verdict.bandUpper = expected + halfWidth;
  }

  function consider(view: number, score: number, expected: number, halfWidth: number): void {
    verdict.viewScores[view] = score;
    if (score <= verdict.score) return;
    verdict.score = score;
    verdict.view = view;
    verdict.expected = expected;
    verdict.lower = Math.max(floorOfBand, expected - halfWidth);
    verdict.upper = expected + halfWidth;
  }

  /** Takes the season off the level when it becomes known, puts it back when it is lost. */
  function seasonAt(slot: number, timeMs: number, value: number): number {
    const seasonSlot = columns.season[slot]!;
    if (seasonSlot === 0) return 0;
    const localMs = timeMs + calendar.offsetMs(timeMs);
    seasons.observe(seasonSlot - 1, localMs, value);
    const season = seasons.at(seasonSlot - 1, localMs);
    const last = columns.lastSeason[slot]!;
    if (Number.isNaN(last) !== Number.isNaN(season)) {
      columns.level[slot] = columns.level[slot]! + (Number.isNaN(season) ? last : -season);
    }
    columns.lastSeason[slot] = season;
    return Number.isNaN(season) ? 0 : season;
  }

  function learnScale(scales: Float64Array, slot: number, residual: number, floor: number, gain: number): void {
    const scale = scales[slot]!;
    const size = Math.min(Math.abs(residual), gain > 1 / unclipped ? Infinity : scaleClip * Math.max(scale, floor));
    scales[slot] = scale + gain * (size * toSigma - scale);
  }

  /** True where the level was moved. */
  function learnLevel(
    slot: number,
    timeMs: number,
    season: number,
    residual: number,
    z: number,
    limit: number,
  ): boolean {
    const count = columns.count[slot]!;
    if (count > unclipped && Math.abs(z) >= limit) {
      const run = columns.sideRun[slot]!;
      const side = residual > 0 ? 1 : -1;
      const same = run * side > 0;
      columns.sideRun[slot] = same ? run + side : side;
      if (!same) columns.sideSinceMs[slot] = timeMs;
      if (Math.abs(columns.sideRun[slot]!) < shiftSamples) return false;
      const lasted = timeMs - columns.sideSinceMs[slot]! >= config.acceptShiftSeconds * 1000;
      // What is no anomaly (good direction, immaterial) needs no long proof.
      if (verdict.deviates && (!lasted || verdict.view === viewTrend)) return false;
      columns.level[slot] = columns.fast[slot]! - season;
      columns.sideRun[slot] = 0;
      return true;
    }
    columns.sideRun[slot] = 0;
    const gain = Math.max(1 / count, 1 / memory);
    const clip = count > unclipped ? levelClip * columns.levelScale[slot]! : Infinity;
    const step = Math.max(-clip, Math.min(clip, residual));
    // A level at rest (scale zero) must still be able to start moving.
    columns.level[slot] = columns.level[slot]! + gain * (clip === 0 ? residual : step);
    return false;
  }

  return {
    verdict,
    score: (slot, profile, timeMs, value) => {
      const count = columns.count[slot]! + 1;
      columns.count[slot] = count;
      if (count > 1 && value !== columns.lastValue[slot]! && columns.changes[slot]! < 255) columns.changes[slot]! += 1;
      columns.lastValue[slot] = value;
      verdict.score = 0;
      verdict.viewScores.fill(0);
      verdict.rawScore = 0;
      verdict.view = 0;
      verdict.deviates = false;
      verdict.accepted = false;
      verdict.scored = false;
      if (count === 1) {
        columns.level[slot] = value;
        columns.fast[slot] = value;
        return;
      }
      const share = columns.share[slot]! || 1;
      const young = share * (1 + youth / count);
      const limit = config.threshold * young;
      floorOfBand = profile.nonNegative ? 0 : Number.NEGATIVE_INFINITY;
      const relativeUp = share * config.minimumRelativeDeviation * profile.relativeFactor;
      const relativeDown = share * config.minimumRelativeDeviation * profile.relativeFactorDown;
      const leastAbsolute = share * profile.minimumAbsolute;
      const absoluteFloor = Math.max(
        profile.minimumAbsolute / config.threshold + 1e-9,
        columns.burst[slot]!,
        spreadFloor * columns.spread[slot]!,
      );
      const gain = Math.max(1 / (count - 1), 1 / memory);

      const season = seasonAt(slot, timeMs, value);
      const usual = columns.level[slot]! + season;
      const residual = value - usual;
      const floor = Math.max(profile.noiseFloor * Math.abs(usual), absoluteFloor);
      const scale = Math.max(columns.levelScale[slot]!, floor);
      const z = residual / scale;
      const relative = residual < 0 ? relativeDown : relativeUp;
      const material = Math.max(leastAbsolute, relative * Math.abs(usual));
      const halfWidth = Math.max(limit * scale, material);
      verdict.rawScore = Math.abs(z) / young;
      if (Math.abs(residual) >= material) {
        const view = Number.isNaN(columns.lastSeason[slot]!) ? viewLevel : viewSeason;
        consider(view, directed(z, profile.direction) / young, usual, halfWidth);
      }
      showBand(usual, halfWidth);

      const forecast = columns.forecast[slot]!;
      if (!Number.isNaN(forecast)) {
        const error = value - forecast;
        const forecastFloor = Math.max(profile.noiseFloor * Math.abs(forecast), absoluteFloor);
        const forecastScale = Math.max(columns.forecastScale[slot]!, forecastFloor);
        const forecastZ = error / forecastScale;
        const seen = columns.forecastCount[slot]! + 1;
        columns.forecastCount[slot] = seen;
        if (seen > config.warmupSamples) {
          const forecastRelative = error < 0 ? relativeDown : relativeUp;
          const forecastMaterial = Math.max(leastAbsolute, forecastRelative * Math.abs(forecast));
          const forecastHalf = Math.max(limit * forecastScale, forecastMaterial);
          verdict.rawScore = Math.max(verdict.rawScore, Math.abs(forecastZ) / young);
          if (Math.abs(error) >= forecastMaterial) {
            consider(viewForecast, directed(forecastZ, profile.direction) / young, forecast, forecastHalf);
          }
          if (columns.episode[slot] !== 1) showBand(forecast, forecastHalf);
        }
        const slow = seen > unclipped && Math.abs(forecastZ) >= limit ? outlierGain : 1;
        learnScale(columns.forecastScale, slot, error, forecastFloor, slow * Math.max(1 / seen, 1 / memory));
      }

      if (columns.trend[slot]! > 0) {
        const trend = columns.trend[slot]! - 1;
        trends.observe(trend, value, columns.episode[slot] !== 1, material, count);
        const growth = trends.growth(trend);
        if (growth > 0) {
          const start = trends.start(trend);
          const needed = Math.max(leastAbsolute, relativeUp * Math.abs(start));
          consider(viewTrend, (config.threshold * growth) / needed / young, start, needed);
        }
      }

      verdict.scored = count > config.warmupSamples;
      verdict.deviates =
        verdict.scored &&
        verdict.score >= config.threshold &&
        (profile.signal !== 'other' || columns.changes[slot]! >= settledChanges);

      verdict.accepted = learnLevel(slot, timeMs, season, residual, z, limit);
      const slow = count > unclipped && Math.abs(z) >= limit ? outlierGain : 1;
      learnScale(columns.levelScale, slot, residual, floor, slow * gain);
      const distance = Math.abs(residual) - columns.spread[slot]!;
      columns.spread[slot] = columns.spread[slot]! + Math.max(1 / (count - 1), 1 / spreadMemory) * distance;
      columns.fast[slot] = columns.fast[slot]! + (value - columns.fast[slot]!) / 4;
    },
  };
}

function directed(z: number, direction: number): number {
  return direction === 0 ? Math.abs(z) : z * direction;
}

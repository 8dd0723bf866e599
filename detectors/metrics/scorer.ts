import { utcCalendar, type ZoneClock } from '../calendar/index.ts';
import type { MetricsConfig } from '../config.ts';
import { createEvidence, createMeasure, measureBy } from './evidence.ts';
import { acceptStillness, stillness } from './flat-line.ts';
import { gather, tailFactor } from './fusion.ts';
import { afterShift, besideSeason, isShift, learnLevel, usually } from './level.ts';
import { settledChanges } from './model-slots.ts';
import { learnScale, unclippedSamples } from './robust-scale.ts';
import type { SeasonProfiles } from './season-profile.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import type { TrendView } from './trend-view.ts';
import {
  clearVerdict,
  createVerdict,
  type Verdict,
  viewFlat,
  viewForecast,
  viewLevel,
  viewSeason,
  viewStep,
  viewTrend,
} from './verdict.ts';

export interface Scorer {
  readonly verdict: Verdict;
  /** Scores a value against what was expected of it, then lets the expectations learn from it. */
  score(slot: number, profile: SignalProfile, timeMs: number, value: number): void;
}

/** A scale learnt from n samples is uncertain by about this over n; limits are widened by it. */
const youth = 40;
/** Below this many samples that widening is more than a quarter. */
export const youngSamples = 4 * youth;
/** Samples that the spread remembers, and the share of it below which no scale falls. */
const spreadMemory = 2000;
const spreadFloor = 0.1;
/** Samples with a season before they are held against it alone. */
const seasonWarmup = 60;
/** What was not told is accepted this many times as late. */
const untoldPatience = 4;
/** Samples over which an accepted new level is averaged. */
const acceptedMemory = 60;
/** One sample counts for no more than so many thresholds in what gathers, lest an outlier echoes for minutes. */
const largestEvidence = 20;
/** With less than this share of the threshold a sample is no part of what has gathered. */
const presentShare = 0.25;

/**
 * Four residuals of every value, each over its own robust scale with floors, each only in the bad direction and beyond a
 * material size: from the network's forecast, from the last value, from the recent level (the season taken off where one
 * is known), and from the season of the day itself. The larger of the first two, which tell of change, and the others
 * add up as squares do; what they say gathers over a few samples and is held against the series' own tail. What fills up
 * is judged by its slow trend as well.
 */
export function createScorer(
  columns: SeriesColumns,
  seasons: SeasonProfiles,
  trends: TrendView,
  config: MetricsConfig,
  calendar: Pick<ZoneClock, 'offsetMs'> = utcCalendar,
): Scorer {
  const verdict = createVerdict();
  const measure = createMeasure();
  const evidence = createEvidence(verdict, measure);

  /** The season, NaN while none is known: taken off the level when it becomes known, put back when it is lost. */
  function seasonAt(slot: number, timeMs: number, value: number): number {
    const seasonSlot = columns.season[slot]!;
    if (seasonSlot === 0) return Number.NaN;
    const localMs = timeMs + calendar.offsetMs(timeMs);
    seasons.observe(seasonSlot - 1, localMs, value);
    const season = seasons.at(seasonSlot - 1, localMs);
    const last = columns.lastSeason[slot]!;
    if (Number.isNaN(last) !== Number.isNaN(season)) {
      columns.level[slot] = columns.level[slot]! + (Number.isNaN(season) ? last : -season);
      columns.accepted[slot] = Number.NaN;
    }
    columns.lastSeason[slot] = season;
    return season;
  }

  function judgeSeason(slot: number, value: number, season: number): number {
    const seen = columns.seasonCount[slot]! + 1;
    columns.seasonCount[slot] = seen;
    const said = seen > seasonWarmup ? evidence.add(viewSeason, value, season, columns.seasonScale[slot]!) : 0;
    if (seen <= seasonWarmup) evidence.weigh(value, season, columns.seasonScale[slot]!);
    return said;
  }

  /** From what was expected of the next value: the network's forecast, or the last value. */
  function judgeChange(view: number, value: number, expected: number, scale: number, residual: number): number {
    const change = value - expected;
    // Where only one direction is bad, what mostly leads back to the usual level is no news.
    if (measure.direction === 0 || residual * Math.sign(change) >= Math.abs(change) / 2) {
      return evidence.add(view, value, expected, scale);
    }
    evidence.weigh(value, expected, scale);
    return 0;
  }

  function judgeForecast(slot: number, value: number, residual: number): number {
    const forecast = columns.forecast[slot]!;
    if (Number.isNaN(forecast)) return 0;
    const seen = columns.forecastCount[slot]! + 1;
    columns.forecastCount[slot] = seen;
    const scale = columns.forecastScale[slot]!;
    const known = seen >= config.warmupSamples;
    const said = known ? judgeChange(viewForecast, value, forecast, scale, residual) : 0;
    if (!known) evidence.weigh(value, forecast, scale);
    else if (columns.episode[slot] !== 1) evidence.show(forecast);
    learn(columns.forecastScale, slot, value - forecast, seen);
    return said;
  }

  function judgeStep(slot: number, value: number, last: number, residual: number): number {
    const count = columns.count[slot]!;
    const scale = columns.stepScale[slot]!;
    const said = count > unclippedSamples ? judgeChange(viewStep, value, last, scale, residual) : 0;
    if (count <= unclippedSamples) evidence.weigh(value, last, scale);
    learn(columns.stepScale, slot, value - last, count - 1);
    return said;
  }

  /** Takes a residual that has just been weighed into its scale. */
  function learn(scales: Float64Array, slot: number, residual: number, seen: number): void {
    const beyond = Math.abs(evidence.z) >= measure.threshold * measure.young;
    learnScale(scales, slot, residual, evidence.floor, seen, beyond);
  }

  function judgeTrend(slot: number, value: number, material: number): number {
    if (columns.trend[slot]! === 0) return 0;
    const trend = columns.trend[slot]! - 1;
    trends.observe(trend, value, columns.episode[slot] !== 1, material, columns.count[slot]!);
    const growth = trends.growth(trend);
    if (growth <= 0) return 0;
    const start = trends.start(trend);
    const needed = Math.max(measure.leastAbsolute, measure.relativeUp * Math.abs(start));
    return evidence.take(viewTrend, (config.threshold * growth) / needed / measure.young, start, needed);
  }

  function judgeStillness(slot: number, timeMs: number, value: number, last: number): number {
    const stood = stillness(columns, slot, value !== last, timeMs, config.flatSamples);
    if (stood < 1) return 0;
    // Of the whole time, this is how long it has been news.
    const newsMs = (1 - 1 / stood) * (timeMs - columns.movedMs[slot]!);
    if (newsMs < config.acceptShiftSeconds * 1000) {
      return evidence.take(viewFlat, config.threshold * stood, value, 0);
    }
    acceptStillness(columns, slot);
    verdict.accepted = true;
    return 0;
  }

  /** Whether the series has stayed off its level for long enough to be taken there. */
  function shifted(slot: number, timeMs: number, residual: number): boolean {
    if (!isShift(columns, slot, timeMs, residual)) return false;
    // What is no anomaly (good direction, immaterial) needs no long proof.
    if (evidence.materialSquares === 0) return true;
    if (verdict.view === viewTrend) return false;
    // What has not been told yet may be a drift on its way.
    const patience = columns.episode[slot] === 1 ? 1 : untoldPatience;
    return timeMs - columns.sideSinceMs[slot]! >= patience * config.acceptShiftSeconds * 1000;
  }

  /** Whether the value is where the series was accepted to be; that is forgotten once it has been away as long again. */
  function isAccepted(slot: number, timeMs: number, value: number, base: number, halfWidth: number): boolean {
    const accepted = columns.accepted[slot]!;
    if (Number.isNaN(accepted)) return false;
    const distance = value - base - accepted;
    if (Math.abs(distance) <= halfWidth) {
      columns.accepted[slot] = accepted + distance / acceptedMemory;
      columns.acceptedMs[slot] = timeMs;
      return true;
    }
    if (timeMs - columns.acceptedMs[slot]! > config.acceptShiftSeconds * 1000) columns.accepted[slot] = Number.NaN;
    return false;
  }

  function begin(slot: number, profile: SignalProfile): void {
    const share = columns.share[slot]! || 1;
    measureBy(measure, profile, share);
    measure.young = share * (1 + youth / columns.count[slot]!);
    // What came and went before, as large as this, is its nature.
    measure.leastAbsolute = Math.max(measure.leastAbsolute, columns.burst[slot]! * config.threshold * measure.young);
    measure.absoluteFloor = Math.max(
      profile.minimumAbsolute / config.threshold + 1e-9,
      spreadFloor * columns.spread[slot]!,
    );
  }

  measure.threshold = config.threshold;
  return {
    verdict,
    score: (slot, profile, timeMs, value) => {
      const count = columns.count[slot]! + 1;
      columns.count[slot] = count;
      const last = columns.lastValue[slot]!;
      if (count > 1 && value !== last && columns.changes[slot]! < 255) columns.changes[slot]! += 1;
      columns.lastValue[slot] = value;
      const sinceLastMs = count > 1 ? Math.min(timeMs - columns.scoredMs[slot]!, 10 * columns.intervalMs[slot]!) : 0;
      columns.scoredMs[slot] = timeMs;
      clearVerdict(verdict);
      if (count === 1) {
        columns.level[slot] = value;
        columns.fast[slot] = value;
        return;
      }
      begin(slot, profile);
      evidence.materialSquares = 0;
      const limit = measure.threshold * measure.young;

      const season = seasonAt(slot, timeMs, value);
      const seasonal = !Number.isNaN(season);
      const usual = columns.level[slot]! + (seasonal ? season : 0);
      const residual = value - usual;
      const fromLevel = evidence.add(viewLevel, value, usual, columns.levelScale[slot]!);
      const { floor, material } = evidence;
      evidence.show(usual);
      const levelZ = evidence.z;
      let squares = levelZ * levelZ;
      let far = residual;
      let farZ = levelZ;
      let farWidth = evidence.halfWidth;

      const step = profile.immediate ? 0 : judgeStep(slot, value, last, residual);
      const fromForecast = judgeForecast(slot, value, residual);
      if (!Number.isNaN(columns.forecast[slot]!)) squares += evidence.z * evidence.z;
      let fromSeason = 0;
      let seasonFloor = 0;
      if (seasonal) {
        fromSeason = judgeSeason(slot, value, season);
        far = value - season;
        farZ = evidence.z;
        farWidth = evidence.halfWidth;
        seasonFloor = evidence.floor;
        squares += farZ * farZ;
      }
      const base = seasonal ? season : 0;
      const accepted = isAccepted(slot, timeMs, value, base, farWidth);
      const trend = judgeTrend(slot, value, material);

      const still = profile.moves ? judgeStillness(slot, timeMs, value, last) : 0;

      const change = Math.max(step, fromForecast);
      const fused = Math.sqrt(change * change + fromLevel * fromLevel + fromSeason * fromSeason);
      const tail = profile.immediate ? 1 : tailFactor(columns, slot);
      const counted = Math.min(fused, largestEvidence * config.threshold * tail);
      const gathered = profile.immediate ? fused : gather(columns, slot, counted, sinceLastMs);
      verdict.present = Math.max(accepted ? 0 : Math.sqrt(evidence.materialSquares) / tail, trend, still);
      verdict.score = Math.max(gathered / tail, trend, still);
      verdict.rawScore = Math.sqrt(squares) / measure.young / tail;
      verdict.scored = count >= config.warmupSamples;
      verdict.deviates =
        verdict.scored &&
        verdict.score >= config.threshold &&
        verdict.present >= presentShare * config.threshold &&
        (profile.signal !== 'other' || columns.changes[slot]! >= settledChanges);

      const beyond = count > unclippedSamples && Math.abs(farZ) >= limit;
      if (!beyond || accepted) columns.sideRun[slot] = 0;
      else if (shifted(slot, timeMs, far)) {
        columns.accepted[slot] = columns.fast[slot]! - base;
        columns.acceptedMs[slot] = timeMs;
        columns.sideRun[slot] = 0;
        verdict.accepted = true;
      }
      // Scales learn from the distance to where the series is accepted to be, not from what it once was.
      const off = accepted ? value - base - columns.accepted[slot]! : far;
      if (seasonal) {
        learnLevel(columns, slot, residual, besideSeason);
        learnScale(columns.seasonScale, slot, off, seasonFloor, columns.seasonCount[slot]!, beyond && !accepted);
        learnScale(columns.levelScale, slot, residual, floor, count - 1, Math.abs(levelZ) >= limit);
      } else {
        if (accepted) learnLevel(columns, slot, residual, afterShift);
        else if (!beyond) learnLevel(columns, slot, residual, usually);
        learnScale(columns.levelScale, slot, off, floor, count - 1, beyond && !accepted);
      }
      const distance = Math.abs(residual) - columns.spread[slot]!;
      columns.spread[slot] = columns.spread[slot]! + Math.max(1 / (count - 1), 1 / spreadMemory) * distance;
      columns.fast[slot] = columns.fast[slot]! + (value - columns.fast[slot]!) / 4;
    },
  };
}

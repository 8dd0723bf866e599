import type { MetricsConfig } from '../config.ts';
import { createDailyWork } from './daily-work.ts';
import { createEvidence, createMeasure, measureBy } from './evidence.ts';
import { acceptStillness, isResting } from './flat-line.ts';
import { createGathering, gather, readTail } from './fusion.ts';
import { afterShift, besideSeason, isShift, learnLevel, usually } from './level.ts';
import { settledChanges } from './model-slots.ts';
import { noteNovelty, startRange } from './novelty.ts';
import { noteDay, rankNews, startDays } from './rank.ts';
import { createLesson, learnScale, learnSpread, longMemory, scaleMemory, unclippedSamples } from './robust-scale.ts';
import { createSample, type Sample } from './sample.ts';
import { kindGauge } from './sample-value.ts';
import type { SeasonProfiles } from './season-profile.ts';
import type { SeriesColumns } from './series-columns.ts';
import type { SignalProfile } from './signal-profile.ts';
import { isEnough, standOut } from './stand-out.ts';
import type { TrendView } from './trend-view.ts';
import { clearVerdict, createVerdict, type Verdict, viewLevel, viewTrend } from './verdict.ts';
import { createViews } from './views.ts';
import type { WallClock } from './wall-clock.ts';

export interface Scorer {
  readonly verdict: Verdict;
  /** The sample to score. Fields, since V8 makes an object of each number that is an argument. */
  readonly sample: Sample;
  /** Scores the sample against what was expected of it, then lets the expectations learn from it. */
  score(slot: number, profile: SignalProfile): void;
}

/** A scale learnt from n samples is uncertain by about this over n; limits are widened by it. */
const youth = 40;
/** Below this many samples that widening is more than a quarter. */
export const youngSamples = 4 * youth;
/** The share of the spread below which no scale falls. */
const spreadFloor = 0.2;
/** What was not told is accepted this many times as late. */
const untoldPatience = 4;
/** Samples over which an accepted new level is averaged. */
const acceptedMemory = 60;
/** One sample counts for no more than so many thresholds in what gathers, lest an outlier echoes for minutes. */
const largestEvidence = 20;
/** With less than this share of the threshold a sample is no part of what has gathered. */
const presentShare = 0.75;
const dayMs = 86_400_000;

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
  readWallClock: WallClock,
): Scorer {
  const verdict = createVerdict();
  const measure = createMeasure();
  const evidence = createEvidence(verdict, measure);

  const sample = createSample();
  const lesson = createLesson();
  const views = createViews({ columns, seasons, trends, config, readWallClock, verdict, measure, evidence, sample });
  const gathering = createGathering();
  const daily = createDailyWork(readWallClock);

  /** Whether the series has stayed off its level for long enough to be taken there. */
  function shifted(slot: number, residual: number): boolean {
    if (!isShift(columns, slot, sample.timeMs, residual)) return false;
    // What is no anomaly (good direction, immaterial) needs no long proof.
    if (evidence.materialSquares === 0) return true;
    if (verdict.view === viewTrend) return false;
    // What has not been told yet may be a drift on its way.
    const patience = columns.episode[slot] === 1 ? 1 : untoldPatience;
    return sample.timeMs - columns.sideSinceMs[slot]! >= patience * config.acceptShiftSeconds * 1000;
  }

  /**
   * A shift that was told and is accepted is no news for the other views either: its step is no trend, and where the series
   * has stood still for most of it, that is what was told. Of a shift that was never told the trend may yet be the first to tell.
   */
  function endNews(slot: number): void {
    if (columns.episode[slot] !== 1 || !sample.teaches) return;
    if (columns.trend[slot] !== 0) trends.restart(columns.trend[slot]! - 1);
    if (columns.movedMs[slot]! <= (columns.sideSinceMs[slot]! + sample.timeMs) / 2) acceptStillness(columns, slot);
  }

  /**
   * Whether the value is where the series was accepted to be; that is forgotten once it has been away as long again. What was
   * accepted because it did not matter yet does not excuse what does: a drift would be followed wherever it leads.
   */
  function isAccepted(slot: number, base: number, far: number, halfWidth: number, material: number): boolean {
    const accepted = columns.accepted[slot]!;
    const distance = sample.value - base - accepted;
    const away = far - distance;
    const step = distance / acceptedMemory;
    const matters = Math.abs(away) >= material;
    if (Math.abs(distance) <= halfWidth && (matters || Math.abs(far) < material)) {
      if (matters || Math.abs(away + step) < material) columns.accepted[slot] = accepted + step;
      columns.acceptedMs[slot] = sample.timeMs;
      return true;
    }
    if (sample.timeMs - columns.acceptedMs[slot]! > config.acceptShiftSeconds * 1000) {
      columns.accepted[slot] = Number.NaN;
      // The level beside a season has followed it there, and would be what it deviates from now that it is back for good.
      const isBack = Math.abs(far) <= halfWidth;
      if (isBack && !Number.isNaN(sample.season)) columns.level[slot] = columns.fast[slot]! - base;
    }
    return false;
  }

  function begin(slot: number, profile: SignalProfile): void {
    const share = columns.share[slot]! || 1;
    measureBy(measure, profile, share);
    measure.rests = profile.moves && columns.kind[slot] !== kindGauge && isResting(columns, slot);
    const isStill = profile.minimumStill < Number.POSITIVE_INFINITY && columns.changes[slot]! < settledChanges;
    const minimum = isStill || measure.rests ? profile.minimumStill : profile.minimumAbsolute;
    measure.leastAbsolute = share * minimum;
    measure.young = share * (1 + youth / columns.count[slot]!);
    // What came and went before, as large as this, is its nature.
    measure.leastAbsolute = Math.max(measure.leastAbsolute, columns.burst[slot]! * config.threshold * measure.young);
    measure.absoluteFloor = Math.max(minimum / config.threshold + 1e-9, spreadFloor * columns.spread[slot]!);
    evidence.value = sample.value;
    evidence.materialSquares = 0;
  }

  /** Takes the time and the value in; false where it is the first. */
  function note(slot: number): boolean {
    const { timeMs, value } = sample;
    const count = columns.count[slot]! + 1;
    columns.count[slot] = count;
    const known = columns.lastValue[slot]!;
    const last = Number.isNaN(known) ? value : known;
    columns.lastValue[slot] = value;
    sample.last = last;
    sample.sinceLastMs = count > 1 ? Math.min(timeMs - columns.scoredMs[slot]!, 10 * columns.intervalMs[slot]!) : 0;
    sample.newDay = Math.floor(timeMs / dayMs) !== Math.floor(columns.scoredMs[slot]! / dayMs);
    columns.scoredMs[slot] = timeMs;
    if (count > 1) {
      if (value !== last && columns.changes[slot]! < 255) columns.changes[slot]! += 1;
      return true;
    }
    columns.level[slot] = value;
    columns.fast[slot] = value;
    startRange(columns, slot, sample);
    startDays(columns, slot);
    return false;
  }

  measure.threshold = config.threshold;
  return {
    verdict,
    sample,
    score: (slot, profile) => {
      clearVerdict(verdict);
      if (!note(slot)) return;
      begin(slot, profile);
      const count = columns.count[slot]!;
      const limit = measure.threshold * measure.young;

      views.lookAtSeason(slot);
      const { value, season } = sample;
      const seasonal = !Number.isNaN(season);
      const base = seasonal ? season : 0;
      const usual = columns.level[slot]! + base;
      const residual = value - usual;
      sample.residual = residual;
      // The level beside a season may lag behind it, but nothing is below what the series can be.
      evidence.expected = Math.max(usual, measure.floorOfBand);
      evidence.learntScale = columns.levelScale[slot]!;
      evidence.add(viewLevel);
      const fromLevel = evidence.said;
      const { floor } = evidence;
      sample.material = evidence.material;
      evidence.show();
      const levelZ = evidence.z;
      let squares = levelZ * levelZ;
      let far = residual;
      let farZ = levelZ;
      let farWidth = evidence.halfWidth;
      let farMaterial = evidence.material;

      let change = 0;
      if (!profile.immediate) {
        views.judgeStep(slot);
        change = evidence.said;
      }
      if (!Number.isNaN(columns.forecast[slot]!)) {
        views.judgeForecast(slot);
        change = Math.max(change, evidence.said);
        squares += evidence.z * evidence.z;
      }
      let fromSeason = 0;
      let seasonFloor = 0;
      if (seasonal) {
        views.judgeSeason(slot);
        fromSeason = evidence.said;
        far = value - season;
        farZ = evidence.z;
        farWidth = evidence.halfWidth;
        farMaterial = evidence.material;
        seasonFloor = evidence.floor;
        squares += farZ * farZ;
      }
      const hasShifted = !Number.isNaN(columns.accepted[slot]!);
      const accepted = hasShifted && isAccepted(slot, base, far, farWidth, farMaterial);
      // Back to what is still known to be usual from a shift that is accepted is the end of what was told, and no other news.
      const isBack = hasShifted && !accepted && Math.abs(far) <= farWidth;
      const trend = columns.trend[slot] === 0 ? 0 : views.judgeTrend(slot);
      const still = profile.moves ? views.judgeStillness(slot) : 0;

      const fused = Math.sqrt(change * change + fromLevel * fromLevel + fromSeason * fromSeason);
      let tail = 1;
      let gathered = fused;
      let told = fused;
      if (!profile.immediate) {
        readTail(columns, slot, gathering);
        tail = gathering.factor;
        gathering.evidence = Math.min(fused, largestEvidence * config.threshold * tail);
        gathering.sinceLastMs = sample.sinceLastMs;
        gather(columns, slot, gathering);
        gathered = gathering.gathered;
        const scale = measure.young * Math.max(columns.levelScale[slot]!, floor);
        gathering.worked = sample.work === 0 ? 0 : Math.abs(sample.work) / scale;
        noteDay(columns, slot, gathering, sample);
        daily.note(columns, slot, gathering, sample, config.threshold);
        gathering.sudden = Math.max(change, fromLevel);
        standOut(columns, slot, gathering, sample, config.threshold);
        told = gathering.told;
        noteNovelty(columns, slot, sample);
      }
      verdict.present = Math.max(accepted ? 0 : Math.sqrt(evidence.materialSquares) / tail, trend, still);
      verdict.score = Math.max(gathered / tail, trend, still);
      if (profile.immediate) verdict.rank = verdict.score;
      else rankNews(columns, slot, verdict, gathering, sample, config.threshold);
      verdict.rawScore = Math.sqrt(squares) / measure.young / tail;
      verdict.scored = profile.isScored && count >= config.warmupSamples;
      verdict.deviates =
        verdict.scored &&
        Math.max(isBack ? 0 : told, trend, still) >= config.threshold &&
        verdict.present >= presentShare * config.threshold &&
        (profile.minimumStill < Number.POSITIVE_INFINITY || columns.changes[slot]! >= settledChanges);
      verdict.enough =
        profile.immediate || (!profile.ofFew && isEnough(columns, slot, verdict, gathering, config.threshold));

      const beyond = count > unclippedSamples && Math.abs(farZ) >= limit;
      if (!beyond || accepted) columns.sideRun[slot] = 0;
      else if (shifted(slot, far)) {
        columns.accepted[slot] = columns.fast[slot]! - base;
        columns.acceptedMs[slot] = sample.timeMs;
        columns.sideRun[slot] = 0;
        verdict.accepted = true;
        endNews(slot);
      }
      // Scales learn from the distance to where the series is accepted to be, not from what it once was.
      const off = accepted ? value - base - columns.accepted[slot]! : far;
      lesson.residual = residual;
      if (seasonal) {
        learnLevel(columns, slot, lesson, besideSeason);
        lesson.floor = floor;
        learnScale(columns.levelScale, slot, lesson, count - 1, Math.abs(levelZ) >= limit);
        lesson.residual = off;
        lesson.floor = seasonFloor;
        lesson.memory = longMemory(columns.intervalMs[slot]!);
        learnScale(columns.seasonScale, slot, lesson, columns.seasonCount[slot]!, beyond && !accepted);
        lesson.memory = scaleMemory;
      } else {
        if (accepted) learnLevel(columns, slot, lesson, afterShift);
        else if (!beyond) learnLevel(columns, slot, lesson, usually);
        lesson.residual = off;
        lesson.floor = floor;
        learnScale(columns.levelScale, slot, lesson, count - 1, beyond && !accepted);
      }
      lesson.residual = residual;
      lesson.memory = longMemory(columns.intervalMs[slot]!);
      learnSpread(columns.spread, slot, lesson, count - 1, beyond);
      lesson.memory = scaleMemory;
      columns.fast[slot] = columns.fast[slot]! + (value - columns.fast[slot]!) / 4;
    },
  };
}

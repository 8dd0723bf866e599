/** Mean absolute deviation to standard deviation, for normal noise. */
const toSigma = 1.2533;
/** Samples taken in unclipped, because there is no scale to clip by. */
export const unclippedSamples = 16;
/** Residuals beyond so many scales move a scale no further (Huber 1964). */
const scaleClip = 4;
/**
 * Samples that a scale remembers: long, since a short memory takes an incident for the new noise while it lasts. On
 * web-service KPIs 240 samples cost a tenth of VUS-PR against 1,500 and more.
 */
export const scaleMemory = 2000;
/** What comes back seldom, a bad week or a burst, is remembered for this long: the days after it are measured by it. */
const fourWeeksMs = 28 * 86_400_000;
/** While a scale is young, what deviates teaches it an eighth as fast: one incident must not become its measure. */
const outlierGain = 0.125;
const youngScale = 500;
/** It teaches a young spread a quarter as fast. */
const outlierSpreadGain = 0.25;

/**
 * What a scale or a level learns from: a residual, what the scale never falls below, and how many samples it remembers. An
 * object that is used again.
 */
export interface Lesson {
  residual: number;
  floor: number;
  memory: number;
}

export function createLesson(): Lesson {
  return { residual: Number.NaN, floor: Number.NaN, memory: scaleMemory };
}

/** Samples in four weeks, at least as many as any scale remembers. `intervalMs` 0: not known yet. */
export function longMemory(intervalMs: number): number {
  return Math.max(scaleMemory, fourWeeksMs / intervalMs);
}

/** Takes a residual into a scale that has seen `seen` of them, this one included. `deviates`: beyond the limits. */
export function learnScale(scales: Float64Array, slot: number, lesson: Lesson, seen: number, deviates: boolean): void {
  const scale = scales[slot]!;
  const size = Math.abs(lesson.residual);
  const clipped = seen > unclippedSamples ? Math.min(size, scaleClip * Math.max(scale, lesson.floor)) : size;
  const slow = deviates && seen > unclippedSamples && seen < youngScale ? outlierGain : 1;
  const gain = 1 / Math.min(seen, lesson.memory);
  scales[slot] = scale + slow * gain * (clipped * toSigma - scale);
}

/** Takes a residual into a root mean square in which nothing is clipped: series with bursts are wider than their quiet times. */
export function learnSpread(
  spreads: Float64Array,
  slot: number,
  lesson: Lesson,
  seen: number,
  deviates: boolean,
): void {
  const square = spreads[slot]! * spreads[slot]!;
  const slow = deviates && seen < scaleMemory ? outlierSpreadGain : 1;
  const gain = slow / Math.min(seen, lesson.memory);
  spreads[slot] = Math.sqrt(square + gain * (lesson.residual * lesson.residual - square));
}

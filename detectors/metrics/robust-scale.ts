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
const scaleMemory = 2000;
/** While a scale is young, what deviates teaches it an eighth as fast: one incident must not become its measure. */
const outlierGain = 0.125;
const youngScale = 500;

/** What a scale or a level learns from: a residual, and what the scale never falls below. An object that is used again. */
export interface Lesson {
  residual: number;
  floor: number;
}

/** Takes a residual into a scale that has seen `seen` of them, this one included. `deviates`: beyond the limits. */
export function learnScale(scales: Float64Array, slot: number, lesson: Lesson, seen: number, deviates: boolean): void {
  const scale = scales[slot]!;
  const size = Math.abs(lesson.residual);
  const clipped = seen > unclippedSamples ? Math.min(size, scaleClip * Math.max(scale, lesson.floor)) : size;
  const slow = deviates && seen > unclippedSamples && seen < youngScale ? outlierGain : 1;
  const gain = seen < scaleMemory ? 1 / seen : 1 / scaleMemory;
  scales[slot] = scale + slow * gain * (clipped * toSigma - scale);
}

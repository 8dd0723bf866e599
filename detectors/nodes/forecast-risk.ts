import { createRecoveredHigh, noteValue, type RecoveredHigh, recoveredFrom } from './recovered-high.ts';

/**
 * How the forecast errors of one series develop: their size and their one-sidedness now, against what is usual for the
 * series and against what it came down from before. Plain data.
 */
export interface ForecastRisk {
  direction: 1 | -1;
  /** What the network expects of the next sample; `null` while it says nothing. */
  expected: number | null;
  latestMs: number;
  count: number;
  /** Mean absolute error over a day, and the mean size of the values. */
  usual: number;
  size: number;
  /** Mean absolute error and mean one-sided error of a quarter of an hour, in units of the usual. */
  recent: number;
  side: number;
  lean: RecoveredHigh;
}

const recentMs = 900_000;
const usualMs = 86_400_000;
/** Samples before the usual is known. */
const leastSamples = 60;
const clip = 6;
const noiseShare = 0.01;
/** A quarter of an hour leans so far by chance. */
const usualLean = 0.5;

export function createForecastRisk(direction: 1 | -1): ForecastRisk {
  return {
    direction,
    expected: null,
    latestMs: 0,
    count: 0,
    usual: 0,
    size: 0,
    recent: 1,
    side: 0,
    lean: createRecoveredHigh(0, 0),
  };
}

/** Takes a value in, and what the network now expects of the next one (NaN for nothing). */
export function noteForecast(risk: ForecastRisk, timeMs: number, value: number, next: number): void {
  const { expected, latestMs } = risk;
  risk.expected = Number.isNaN(next) ? null : next;
  risk.latestMs = timeMs;
  const passedMs = timeMs - latestMs;
  if (expected === null || passedMs <= 0 || passedMs > recentMs) return;
  risk.count += 1;
  const floor = noiseShare * risk.size + 1e-9;
  const error = (value - expected) * risk.direction;
  const scale = Math.max(risk.usual, floor);
  const slow = Math.max(1 / risk.count, 1 - Math.exp(-passedMs / usualMs));
  const bounded = risk.count < leastSamples ? Math.abs(error) : Math.min(Math.abs(error), clip * scale);
  risk.usual += slow * (bounded - risk.usual);
  risk.size += slow * (Math.abs(value) - risk.size);
  const fast = 1 - Math.exp(-passedMs / recentMs);
  const relative = error / scale;
  risk.recent += fast * (Math.min(Math.abs(relative), clip) - risk.recent);
  risk.side += fast * (Math.max(-clip, Math.min(clip, relative)) - risk.side);
  noteValue(risk.lean, risk.side, timeMs, 0.3, Number.POSITIVE_INFINITY);
}

/** How far the errors lean to the bad side beyond what they came back from before, in units of the usual error, at least 0. */
export function oneSided(risk: ForecastRisk): number {
  if (risk.count < leastSamples) return 0;
  const before = recoveredFrom(risk.lean);
  return Math.max(0, risk.side - Math.max(usualLean, Number.isNaN(before) ? 0 : before));
}

/** The highest value that something came down from by itself in the last days, and its lowest. Plain data. */
export interface RecoveredHigh {
  peak: number;
  trough: number;
  /** Of the present and of the epoch before, `null` for none: JSON knows no NaN. */
  high: number | null;
  highBefore: number | null;
  low: number;
  lowBefore: number;
  epochMs: number;
}

/** Two of these are remembered. */
const epochMs = 3.5 * 86_400_000;
/** Given back of what it had risen, to count as come down. */
const givenBack = 0.25;

export function createRecoveredHigh(value: number, atMs: number): RecoveredHigh {
  return { peak: value, trough: value, high: null, highBefore: null, low: value, lowBefore: value, epochMs: atMs };
}

/** `least`: smaller falls are noise; from `end` on it did not come down by itself: it was broken. */
export function noteValue(of: RecoveredHigh, value: number, atMs: number, least: number, end: number): void {
  if (atMs - of.epochMs > epochMs) {
    of.highBefore = of.high;
    of.lowBefore = of.low;
    of.high = null;
    of.low = value;
    of.epochMs = atMs;
  }
  of.low = Math.min(of.low, value);
  of.peak = Math.max(of.peak, value);
  if (of.peak - value >= Math.max(least, givenBack * (of.peak - of.trough))) {
    if (of.peak < end) of.high = Math.max(of.high ?? of.peak, of.peak);
    of.peak = value;
    of.trough = value;
  } else if (value < of.trough) {
    of.trough = value;
    of.peak = value;
  }
}

/** NaN where it never came down. */
export function recoveredFrom({ high, highBefore }: RecoveredHigh): number {
  if (high === null) return highBefore ?? Number.NaN;
  return highBefore === null ? high : Math.max(high, highBefore);
}

export function lowestOf({ low, lowBefore }: RecoveredHigh): number {
  return Math.min(low, lowBefore);
}

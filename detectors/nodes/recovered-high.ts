/** The highest value that something came down from by itself in the last week, and its lowest of some days. Plain data. */
export interface RecoveredHigh {
  peak: number;
  trough: number;
  /** Of the present day and of those before, `null` for none: JSON knows no NaN. */
  readonly highs: (number | null)[];
  dayMs: number;
  low: number;
  lowBefore: number;
  epochMs: number;
}

const dayMs = 86_400_000;
/** With the present one: what came a week ago, such as a backup of each Sunday, is still known when it comes again. */
const rememberedDays = 8;
/** Two of these are remembered of what is low. */
const epochMs = 3.5 * dayMs;
/** Given back of what it had risen, to count as come down. */
const givenBack = 0.25;

export function createRecoveredHigh(value: number, atMs: number): RecoveredHigh {
  return { peak: value, trough: value, highs: [null], dayMs: atMs, low: value, lowBefore: value, epochMs: atMs };
}

/** `least`: smaller falls are noise; from `end` on it did not come down by itself: it was broken. */
export function noteValue(of: RecoveredHigh, value: number, atMs: number, least: number, end: number): void {
  for (let passed = 0; passed < rememberedDays && atMs - of.dayMs >= dayMs; passed += 1) {
    of.highs.unshift(null);
    if (of.highs.length > rememberedDays) of.highs.pop();
    of.dayMs += dayMs;
  }
  if (atMs - of.dayMs >= dayMs) of.dayMs = atMs;
  if (atMs - of.epochMs > epochMs) {
    of.lowBefore = of.low;
    of.low = value;
    of.epochMs = atMs;
  }
  of.low = Math.min(of.low, value);
  of.peak = Math.max(of.peak, value);
  if (of.peak - value >= Math.max(least, givenBack * (of.peak - of.trough))) {
    if (of.peak < end) of.highs[0] = Math.max(of.highs[0] ?? of.peak, of.peak);
    of.peak = value;
    of.trough = value;
  } else if (value < of.trough) {
    of.trough = value;
    of.peak = value;
  }
}

/** NaN where it never came down. */
export function recoveredFrom({ highs }: RecoveredHigh): number {
  let highest = Number.NaN;
  for (const high of highs) if (high !== null && !(high <= highest)) highest = high;
  return highest;
}

export function lowestOf({ low, lowBefore }: RecoveredHigh): number {
  return Math.min(low, lowBefore);
}

const dayMs = 86_400_000;
const weekMs = 7 * dayMs;
const binsPerOctave = 16;
const bins = 16 * binsPerOctave;
/** The limit follows upwards at once from here, and downwards only from there (or where all fits), a tenth an hour. */
const raiseFrom = 1.05;
const lowerFrom = 0.8;
const lowerBy = 0.9;
const lowerEveryMs = 3_600_000;

export interface AlertBudgetOptions {
  readonly alertsPerWeek: number;
  readonly weeks: number;
  /** The limit never rises beyond this. */
  readonly alwaysTellFactor: number;
}

export interface AlertBudgetState {
  readonly days: readonly {
    readonly day: number;
    readonly told: number;
    readonly counts: readonly (readonly [bin: number, count: number])[];
  }[];
  readonly firstMs: number | null;
  readonly limit: number;
  readonly loweredMs: number;
}

/**
 * The limit of one team, in multiples of the product's threshold. Strengths (score over threshold) of the anomalies of the
 * last weeks are counted by day in bins of a sixteenth of an octave; the limit lies above the strongest that the budget of
 * that time does not have room for. What was told beyond the budget, since each of a storm came a little stronger than those
 * before, raises it by as many times. Early on there is room for at least a day's share, and for one.
 */
export interface AlertBudget {
  /** Counts an anomaly; `instead` takes back what was counted of it before, on the same day. */
  count(timeMs: number, strength: number, instead?: number): void;
  /** One of those counted was told. */
  tell(timeMs: number): void;
  /** Event time has come this far. */
  advance(timeMs: number): void;
  /** 1 while all there is fits into the budget. */
  readonly limit: number;
  /** Of the weeks looked at: anomalies counted, those of them told, and room for them. */
  standing(timeMs: number): { readonly counted: number; readonly told: number; readonly allowed: number };
  save(): AlertBudgetState;
  load(state: AlertBudgetState): void;
}

export function createAlertBudget(options: AlertBudgetOptions): AlertBudget {
  let days = new Map<number, { readonly counts: Float64Array; told: number }>();
  const totals = new Float64Array(bins);
  let told = 0;
  let firstMs: number | null = null;
  let limit = 1;
  let loweredMs = 0;
  let today = Number.NEGATIVE_INFINITY;

  function dayOf(day: number): { readonly counts: Float64Array; told: number } {
    let found = days.get(day);
    if (found === undefined) {
      found = { counts: new Float64Array(bins), told: 0 };
      days.set(day, found);
    }
    return found;
  }

  function add(day: number, strength: number, count: number): void {
    const { counts } = dayOf(day);
    const bin = binOf(strength);
    counts[bin] = counts[bin]! + count;
    totals[bin] = totals[bin]! + count;
  }

  function allowedAt(timeMs: number): number {
    const spanMs = Math.min(Math.max(timeMs - (firstMs ?? timeMs), dayMs), options.weeks * weekMs);
    return Math.max(1, Math.floor((options.alertsPerWeek * spanMs) / weekMs));
  }

  function wanted(timeMs: number): number {
    const allowed = allowedAt(timeMs);
    let above = 0;
    for (let bin = bins - 1; bin >= 0; bin -= 1) {
      above += totals[bin]!;
      if (above <= allowed) continue;
      const overspent = Math.max(1, told / allowed);
      return Math.min(overspent * 2 ** ((bin + 1) / binsPerOctave), options.alwaysTellFactor);
    }
    return 1;
  }

  function follow(timeMs: number): void {
    const target = wanted(timeMs);
    if (target >= limit * raiseFrom) {
      limit = target;
      loweredMs = timeMs;
    } else if ((target === 1 || target < limit * lowerFrom) && timeMs - loweredMs >= lowerEveryMs) {
      limit = Math.max(target, limit * lowerBy);
      loweredMs = timeMs;
    }
  }

  function forget(timeMs: number): void {
    const day = Math.floor(timeMs / dayMs);
    if (day === today) return;
    today = day;
    for (const [known, { counts, told: toldThen }] of days) {
      if (known > day - options.weeks * 7) continue;
      told -= toldThen;
      for (let bin = 0; bin < bins; bin += 1) totals[bin] = totals[bin]! - counts[bin]!;
      days.delete(known);
    }
  }

  return {
    count(timeMs, strength, instead) {
      firstMs ??= timeMs;
      forget(timeMs);
      const day = Math.floor(timeMs / dayMs);
      if (instead !== undefined && days.has(day)) add(day, instead, -1);
      add(day, strength, 1);
      follow(timeMs);
    },
    tell(timeMs) {
      forget(timeMs);
      dayOf(Math.floor(timeMs / dayMs)).told += 1;
      told += 1;
      follow(timeMs);
    },
    advance(timeMs) {
      forget(timeMs);
      if (limit > 1) follow(timeMs);
    },
    get limit() {
      return limit;
    },
    standing: (timeMs) => ({
      counted: totals.reduce((sum, count) => sum + count, 0),
      told,
      allowed: allowedAt(timeMs),
    }),
    save: () => ({
      days: Array.from(days, ([day, known]) => ({ day, told: known.told, counts: occupied(known.counts) })),
      firstMs,
      limit,
      loweredMs,
    }),
    load(state) {
      days = new Map();
      totals.fill(0);
      told = 0;
      for (const { day, counts, told: toldThen } of state.days) {
        const restored = new Float64Array(bins);
        told += toldThen;
        for (const [bin, count] of counts) {
          restored[bin] = count;
          totals[bin] = totals[bin]! + count;
        }
        days.set(day, { counts: restored, told: toldThen });
      }
      ({ firstMs, limit, loweredMs } = state);
      today = Number.NEGATIVE_INFINITY;
    },
  };
}

function binOf(strength: number): number {
  return Math.min(bins - 1, Math.max(0, Math.floor(Math.log2(strength) * binsPerOctave)));
}

function occupied(counts: Float64Array): (readonly [number, number])[] {
  return [...counts].flatMap((count, bin) => (count === 0 ? [] : [[bin, count] as const]));
}

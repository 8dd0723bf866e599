import { KybernError } from '../../model/index.ts';

/** What local clocks of an IANA time zone show. */
export interface ZoneClock {
  readonly timeZone: string;
  /** Milliseconds to add to an epoch time for local time. Allocates nothing while asked about times near each other. */
  offsetMs(timeMs: number): number;
  /** Epoch milliseconds at which local clocks show this local time; the earlier where they show it twice, the moment of the jump where never. */
  epochMs(localMs: number): number;
}

const dayMs = 86_400_000;
const minuteMs = 60_000;
/** Days remembered; beyond, all are looked up anew. */
const rememberedDays = 4096;

/** A stretch of time with one offset, within one UTC day. */
interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  readonly offsetMs: number;
}

/**
 * Offsets come from `Intl` once a UTC day: its ends are compared, and where they differ the moment of the change is found by
 * bisection to the minute (a zone changes at most once a day). Throws KYBERN_CONFIG for a zone that is not known.
 */
export function createZoneClock(timeZone: string): ZoneClock {
  if (timeZone === 'UTC') return { timeZone, offsetMs: () => 0, epochMs: (localMs) => localMs };
  const offsetAt = createOffsetReader(timeZone);
  const days = new Map<number, readonly Stretch[]>();
  // Two: what is asked of two moments in turn, now and what lies a while back, stays cheap.
  let latest: Stretch = { fromMs: 0, toMs: 0, offsetMs: 0 };
  let before = latest;

  function stretchesOf(day: number): readonly Stretch[] {
    const known = days.get(day);
    if (known !== undefined) return known;
    const fromMs = day * dayMs;
    const toMs = fromMs + dayMs;
    const first = offsetAt(fromMs);
    const last = offsetAt(toMs);
    const changeMs = first === last ? toMs : changeBetween(fromMs, toMs, first);
    const found = [{ fromMs, toMs: changeMs, offsetMs: first }];
    if (changeMs < toMs) found.push({ fromMs: changeMs, toMs, offsetMs: last });
    if (days.size >= rememberedDays) days.clear();
    days.set(day, found);
    return found;
  }

  /** First minute with another offset than `first`. */
  function changeBetween(fromMs: number, toMs: number, first: number): number {
    let [same, other] = [fromMs, toMs];
    while (other - same > minuteMs) {
      const middle = same + Math.floor((other - same) / 2 / minuteMs) * minuteMs;
      if (offsetAt(middle) === first) same = middle;
      else other = middle;
    }
    return other;
  }

  function offsetMs(timeMs: number): number {
    if (timeMs >= latest.fromMs && timeMs < latest.toMs) return latest.offsetMs;
    [latest, before] = [before, latest];
    if (timeMs >= latest.fromMs && timeMs < latest.toMs) return latest.offsetMs;
    const stretches = stretchesOf(Math.floor(timeMs / dayMs));
    latest = timeMs < stretches[0]!.toMs ? stretches[0]! : stretches.at(-1)!;
    return latest.offsetMs;
  }

  function epochMs(localMs: number): number {
    // Offsets lie within a day to either side; of the two that may hold the larger gives the earlier moment.
    const one = offsetMs(localMs - dayMs);
    const two = offsetMs(localMs + dayMs);
    const earlier = localMs - Math.max(one, two);
    if (earlier + offsetMs(earlier) === localMs) return earlier;
    const later = localMs - Math.min(one, two);
    if (later + offsetMs(later) === localMs) return later;
    // In a gap: local clocks jump over it.
    const stretch = stretchesOf(Math.floor(earlier / dayMs))[0]!;
    return stretch.toMs > earlier && stretch.toMs <= later
      ? stretch.toMs
      : stretchesOf(Math.floor(later / dayMs))[0]!.toMs;
  }

  return { timeZone, offsetMs, epochMs };
}

/** Reads an offset from `Intl`, to the second. Slow: a few microseconds each. */
function createOffsetReader(timeZone: string): (timeMs: number) => number {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch (error) {
    throw new KybernError('KYBERN_CONFIG', `there is no time zone ${timeZone}`, { cause: error });
  }
  return (timeMs) => {
    const whole = Math.floor(timeMs / 1000) * 1000;
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of format.formatToParts(whole)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - whole;
  };
}

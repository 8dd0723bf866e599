import { thinOut } from './thin-out.ts';

/** What is over: when it began, the most of it, and how long it lasted. */
export interface Burst {
  readonly onsetMs: number;
  readonly size: number;
  readonly lengthMs: number;
}

/** What deviated when, by kind: it is due again at the same time of the hour, the day or the week. */
export interface RecurringBursts {
  /** Whether such bursts, none much smaller or shorter, came at this time before. */
  isDue(kind: string, burst: Burst): boolean;
  note(kind: string, burst: Burst): void;
  save(): unknown;
  load(saved: unknown): void;
}

const [minuteMs, hourMs, dayMs] = [60_000, 3_600_000, 86_400_000];
const punctualMs = 5 * minuteMs;
/** It is due after `least` of the last `of` times; a job rests at the weekend, or ends before it shows. */
const rhythms = [
  { periodMs: hourMs, slackMs: punctualMs, of: 6, least: 3 },
  { periodMs: dayMs, slackMs: hourMs, of: 7, least: 3 },
  { periodMs: 7 * dayMs, slackMs: hourMs, of: 4, least: 2 },
] as const;
/** It may be so many times as much as before, and last so many times as long and a little more. */
const tolerance = 2;
/** Of a kind more than a week of hourly ones is kept. */
const [mostOfKind, mostKinds] = [200, 1000];

/** How far from a time the burst near it began; NaN for none, and for several, of which each time of the day would have one. */
function onlyOne(bursts: readonly Burst[], dueMs: number, slackMs: number): number {
  let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { onsetMs } of bursts) {
    const away = onsetMs - dueMs;
    if (Math.abs(away) > slackMs) continue;
    earliest = Math.min(earliest, away);
    latest = Math.max(latest, away);
  }
  return Number.isFinite(earliest) && latest - earliest <= 2 * punctualMs ? (earliest + latest) / 2 : Number.NaN;
}

export function createRecurringBursts(): RecurringBursts {
  /** In the order of their last bursts. */
  let kinds = new Map<string, Burst[]>();

  return {
    isDue: (kind, { onsetMs, size, lengthMs }) => {
      const bursts = kinds
        .get(kind)
        ?.filter((known) => size <= tolerance * known.size && lengthMs <= tolerance * known.lengthMs + minuteMs);
      if (bursts === undefined || bursts.length === 0) return false;
      return rhythms.some(({ periodMs, slackMs, of, least }) => {
        let times = 0;
        let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let back = 1; back <= of; back += 1) {
          const away = onlyOne(bursts, onsetMs - back * periodMs, slackMs);
          if (Number.isNaN(away)) continue;
          times += 1;
          earliest = Math.min(earliest, away);
          latest = Math.max(latest, away);
        }
        // What was punctual so far is not due at another time.
        const spread = Math.max(punctualMs, latest - earliest);
        return times >= least && earliest - spread <= 0 && latest + spread >= 0;
      });
    },
    note: (kind, burst) => {
      const bursts = kinds.get(kind) ?? [];
      kinds.delete(kind);
      bursts.push(burst);
      if (bursts.length > mostOfKind) bursts.shift();
      kinds.set(kind, bursts);
      thinOut(kinds, mostKinds);
    },
    save: () => [...kinds],
    load: (saved) => {
      kinds = new Map((saved as readonly [string, Burst[]][]).map(([kind, bursts]) => [kind, [...bursts]]));
    },
  };
}

import { thinOut } from '../../model/index.ts';

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
/** It may be so many times as much as each of those, and last so many times as long as the longest and a little more. */
const tolerance = 2;
/** Of a kind more than a week of hourly ones is kept. */
const [mostOfKind, mostKinds] = [200, 1000];

/** How far from a time the burst near it began, and how long it lasted; none where there are several, of which each time of the day would have one. */
function onlyOne(
  bursts: readonly Burst[],
  dueMs: number,
  slackMs: number,
): { away: number; lengthMs: number } | undefined {
  const near = bursts.filter(({ onsetMs }) => Math.abs(onsetMs - dueMs) <= slackMs);
  const aways = near.map(({ onsetMs }) => onsetMs - dueMs);
  const [earliest, latest] = [Math.min(...aways), Math.max(...aways)];
  if (near.length === 0 || latest - earliest > 2 * punctualMs) return undefined;
  return { away: (earliest + latest) / 2, lengthMs: Math.max(...near.map(({ lengthMs }) => lengthMs)) };
}

export function createRecurringBursts(): RecurringBursts {
  /** In the order of their last bursts. */
  let kinds = new Map<string, Burst[]>();

  return {
    isDue: (kind, { onsetMs, size, lengthMs }) => {
      const bursts = kinds.get(kind)?.filter((known) => size <= tolerance * known.size) ?? [];
      if (bursts.length === 0) return false;
      return rhythms.some(({ periodMs, slackMs, of, least }) => {
        let [times, longestMs] = [0, 0];
        let [earliest, latest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
        for (let back = 1; back <= of; back += 1) {
          const known = onlyOne(bursts, onsetMs - back * periodMs, slackMs);
          if (known === undefined) continue;
          times += 1;
          longestMs = Math.max(longestMs, known.lengthMs);
          earliest = Math.min(earliest, known.away);
          latest = Math.max(latest, known.away);
        }
        // What was punctual so far is not due at another time.
        const spread = Math.max(punctualMs, latest - earliest);
        const isItsTime = times >= least && earliest - spread <= 0 && latest + spread >= 0;
        return isItsTime && lengthMs <= tolerance * longestMs + minuteMs;
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

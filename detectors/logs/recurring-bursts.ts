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
/** It is due after `least` of the last `of` times; a job rests at the weekend, or ends before it shows. */
const rhythms = [
  { periodMs: hourMs, slackMs: 5 * minuteMs, of: 6, least: 3 },
  { periodMs: dayMs, slackMs: hourMs, of: 7, least: 3 },
  { periodMs: 7 * dayMs, slackMs: hourMs, of: 4, least: 2 },
] as const;
/** It may be so many times as much as before, and last so many times as long and a little more. */
const tolerance = 2;
/** Of a kind more than a week of hourly ones is kept. */
const [mostOfKind, mostKinds] = [200, 1000];

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
        for (let back = 1; back <= of; back += 1) {
          const dueMs = onsetMs - back * periodMs;
          if (bursts.some((known) => Math.abs(known.onsetMs - dueMs) <= slackMs)) times += 1;
        }
        return times >= least;
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

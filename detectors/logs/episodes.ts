import { type Anomaly, toTimestamp } from '../../model/index.ts';
import { type Burst, createRecurringBursts } from '../recurring/index.ts';

export interface EpisodeRule {
  /** So many of the latest `of` windows must deviate. */
  readonly hits: number;
  readonly of: number;
  /** Without a deviation this long an episode is over. */
  readonly quietMs: number;
  /** A deviation that lasts this long is how things are now: the episode ends. */
  readonly acceptMs: number;
}

/** A window in which something deviates. */
export interface Deviation {
  readonly key: string;
  readonly endMs: number;
  /** How much of it there is, and what it is a burst of, whoever has it: the like is not told once it comes by the clock. */
  readonly size?: number;
  readonly kind?: string;
}

/** Turns deviations of windows into anomalies that fire once and clear. */
export interface Episodes {
  /** Whether the key deviates, told or not yet, and is not taken for normal: its baseline is then left alone. */
  isOpen(key: string): boolean;
  /** Tells of a window that deviates; `make` is called where that makes an anomaly. */
  deviates(deviation: Deviation, make: (onsetMs: number) => Anomaly | undefined, out: Anomaly[]): void;
  /** A burst that nobody judged is known all the same. */
  note(kind: string, burst: Burst): void;
  /** Closes what has been quiet. Call once for each window, after all deviations. */
  windowClosed(endMs: number, out: Anomaly[]): void;
  /** Nothing deviates, whatever was told. */
  forgetDeviations(): void;
  save(): unknown;
  load(saved: unknown): void;
}

interface Episode {
  /** Ends of the latest windows that deviated, `hits` at most. */
  recent: number[];
  firstMs: number;
  lastMs: number;
  anomaly: Anomaly | null;
  /** Told, and taken for the new normal: silent until it is quiet. */
  accepted: boolean;
  /** Where enough windows deviated: since when, else 0. */
  burstMs: number;
  kind: string;
  size: number;
}

interface State {
  readonly all: readonly [string, Episode][];
  readonly bursts: unknown;
}

export function createEpisodes(rule: EpisodeRule, windowMs: number): Episodes {
  const bursts = createRecurringBursts();
  let all = new Map<string, Episode>();

  function clear(episode: Episode, out: Anomaly[]): void {
    const { anomaly, lastMs } = episode;
    if (anomaly === null) return;
    out.push({ ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(lastMs) });
    episode.anomaly = null;
  }

  return {
    isOpen: (key) => all.get(key)?.accepted === false,
    deviates: ({ key, endMs, size = 0, kind = '' }, make, out) => {
      let episode = all.get(key);
      if (episode === undefined) {
        const times = { firstMs: endMs - windowMs, lastMs: endMs, burstMs: 0 };
        episode = { recent: [], ...times, anomaly: null, accepted: false, kind, size };
        all.set(key, episode);
      }
      episode.lastMs = endMs;
      episode.size = Math.max(episode.size, size);
      if (episode.anomaly !== null || episode.accepted) return;
      const horizon = endMs - rule.of * windowMs;
      episode.recent = [...episode.recent.filter((ms) => ms > horizon), endMs];
      episode.firstMs = episode.recent[0]! - windowMs;
      if (episode.recent.length < rule.hits) return;
      if (episode.burstMs === 0) episode.burstMs = episode.firstMs;
      if (kind !== '' && bursts.isDue(kind, burstOf(episode))) return;
      episode.anomaly = make(episode.firstMs) ?? null;
      if (episode.anomaly !== null) out.push(episode.anomaly);
    },
    note: bursts.note,
    windowClosed: (endMs, out) => {
      for (const [key, episode] of all) {
        if (endMs - episode.lastMs > rule.quietMs) {
          clear(episode, out);
          if (episode.kind !== '' && episode.burstMs > 0) bursts.note(episode.kind, burstOf(episode));
          all.delete(key);
        } else if (episode.anomaly !== null && endMs - episode.firstMs > rule.acceptMs) {
          clear(episode, out);
          episode.accepted = true;
        }
      }
    },
    forgetDeviations: () => all.clear(),
    save: (): State => ({ all: [...all], bursts: bursts.save() }),
    load: (saved) => {
      const state = saved as State;
      all = new Map(state.all.map(([key, episode]) => [key, { ...episode }]));
      bursts.load(state.bursts);
    },
  };
}

function burstOf({ burstMs, lastMs, size }: Episode): Burst {
  return { onsetMs: burstMs, size, lengthMs: lastMs - burstMs };
}

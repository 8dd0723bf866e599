import { type Anomaly, toTimestamp } from '../../model/index.ts';

export interface EpisodeRule {
  /** So many of the latest `of` windows must deviate. */
  readonly hits: number;
  readonly of: number;
  /** Without a deviation this long an episode is over. */
  readonly quietMs: number;
  /** A deviation that lasts this long is how things are now: the episode ends. */
  readonly acceptMs: number;
}

/** Turns deviations of windows into anomalies that fire once and clear. */
export interface Episodes {
  /** Whether the key deviates, told or not yet, and is not taken for normal: its baseline is then left alone. */
  isOpen(key: string): boolean;
  /** Tells of a window of `key` that deviates; `make` is called where that makes an anomaly. */
  deviates(key: string, endMs: number, make: (onsetMs: number) => Anomaly | undefined, out: Anomaly[]): void;
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
}

export function createEpisodes(rule: EpisodeRule, windowMs: number): Episodes {
  let all = new Map<string, Episode>();

  function clear(episode: Episode, out: Anomaly[]): void {
    const { anomaly, lastMs } = episode;
    if (anomaly === null) return;
    out.push({ ...anomaly, state: 'cleared', revision: anomaly.revision + 1, clearedAt: toTimestamp(lastMs) });
    episode.anomaly = null;
  }

  return {
    isOpen: (key) => all.get(key)?.accepted === false,
    deviates: (key, endMs, make, out) => {
      let episode = all.get(key);
      if (episode === undefined) {
        episode = { recent: [], firstMs: endMs - windowMs, lastMs: endMs, anomaly: null, accepted: false };
        all.set(key, episode);
      }
      episode.lastMs = endMs;
      if (episode.anomaly !== null || episode.accepted) return;
      const horizon = endMs - rule.of * windowMs;
      episode.recent = [...episode.recent.filter((ms) => ms > horizon), endMs];
      episode.firstMs = episode.recent[0]! - windowMs;
      if (episode.recent.length >= rule.hits) episode.anomaly = make(episode.firstMs) ?? null;
      if (episode.anomaly !== null) out.push(episode.anomaly);
    },
    windowClosed: (endMs, out) => {
      for (const [key, episode] of all) {
        if (endMs - episode.lastMs > rule.quietMs) {
          clear(episode, out);
          all.delete(key);
        } else if (episode.anomaly !== null && endMs - episode.firstMs > rule.acceptMs) {
          clear(episode, out);
          episode.accepted = true;
        }
      }
    },
    forgetDeviations: () => all.clear(),
    save: () => [...all],
    load: (saved) => {
      all = new Map((saved as readonly [string, Episode][]).map(([key, episode]) => [key, { ...episode }]));
    },
  };
}

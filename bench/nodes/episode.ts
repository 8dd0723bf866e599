/** A stretch of time in which something warned of a node. */
export interface Episode {
  readonly node: string;
  readonly fromMs: number;
  toMs: number;
}

/** Joins what warns with gaps of at most `mergeMs` to episodes. */
export function createEpisodes(mergeMs: number) {
  const open = new Map<string, Episode>();
  const all: Episode[] = [];
  return {
    all,
    warn(node: string, atMs: number): void {
      const last = open.get(node);
      if (last !== undefined && atMs - last.toMs <= mergeMs) {
        last.toMs = atMs;
        return;
      }
      const episode = { node, fromMs: atMs, toMs: atMs };
      open.set(node, episode);
      all.push(episode);
    },
  };
}

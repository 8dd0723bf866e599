export interface ReplayBuffer {
  add(id: string, text: string): void;
  /** Texts added after this id, oldest first; undefined where the id is not, or no longer, known. */
  after(id: string): readonly string[] | undefined;
}

/** The last `capacity` events, for clients that come back. */
export function createReplayBuffer(capacity: number): ReplayBuffer {
  const events: { readonly id: string; readonly text: string }[] = [];
  return {
    add(id, text) {
      events.push({ id, text });
      if (events.length > capacity) events.shift();
    },
    after(id) {
      const index = events.findLastIndex((event) => event.id === id);
      return index < 0 ? undefined : events.slice(index + 1).map((event) => event.text);
    },
  };
}

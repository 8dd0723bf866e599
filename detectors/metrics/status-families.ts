import { contentHash, labelsButStatus, type SeriesDefinition } from '../../model/index.ts';

/** Slots of counters that differ in nothing but how what they count has ended: `code="200"`, `code="404"`, `code="500"`. */
export interface StatusFamilies {
  /** Does nothing where the series is of no family. */
  add(slot: number, definition: SeriesDefinition): void;
  remove(slot: number, definition: SeriesDefinition): void;
  clear(): void;
  /**
   * All of the family of a series, itself included if it was added, in no particular order. Nobody where they are more than there
   * are ways to end: a label has texts, such as an error's message.
   */
  of(definition: SeriesDefinition): Iterable<number>;
}

const nobody: readonly number[] = [];
/** Each that is born asks all of its family: of as many as there are texts, that would take minutes. */
const mostWays = 256;

export function createStatusFamilies(): StatusFamilies {
  const families = new Map<string, Set<number>>();

  function keyOf({ name, kind, origin, labels }: SeriesDefinition): string | undefined {
    if ((kind !== 'counter' && kind !== 'delta') || origin !== 'received') return undefined;
    const others = labelsButStatus(labels);
    return others && contentHash(name, kind, ...others.flat());
  }

  return {
    add(slot, definition) {
      const key = keyOf(definition);
      if (key === undefined) return;
      const family = families.get(key);
      if (family === undefined) families.set(key, new Set([slot]));
      else family.add(slot);
    },
    remove(slot, definition) {
      const key = keyOf(definition);
      const family = key === undefined ? undefined : families.get(key);
      if (key === undefined || family === undefined) return;
      family.delete(slot);
      if (family.size === 0) families.delete(key);
    },
    clear: () => families.clear(),
    of(definition) {
      const key = keyOf(definition);
      const family = key === undefined ? undefined : families.get(key);
      return family === undefined || family.size > mostWays ? nobody : family;
    },
  };
}

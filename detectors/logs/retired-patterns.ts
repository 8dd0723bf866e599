import { nearestPattern, type Template } from './template.ts';

/** What is remembered of a template that made room: its name, its age and its form, no text. */
export interface RetiredPattern {
  readonly key: number;
  readonly tokens: Uint32Array;
  readonly id: number;
  readonly label: string;
  readonly bornMs: number;
}

/** Names of templates forgotten, so that one that comes back keeps its id. The oldest go first beyond `limit`. */
export interface RetiredPatterns {
  add(template: Template): void;
  /** Takes out the one that a line belongs to, with all its forms. */
  revive(key: number, tokens: Uint32Array, count: number, similarity: number): readonly RetiredPattern[];
  save(): unknown;
  load(saved: unknown): void;
}

type Saved = readonly (readonly [number, readonly number[], number, string, number])[];

export function createRetiredPatterns(limit: number): RetiredPatterns {
  /** In the order they were retired. */
  let byId = new Map<number, RetiredPattern[]>();
  let leaves = new Map<number, RetiredPattern[]>();
  let size = 0;

  function keep(pattern: RetiredPattern): void {
    const ofId = byId.get(pattern.id);
    if (ofId === undefined) byId.set(pattern.id, [pattern]);
    else ofId.push(pattern);
    const leaf = leaves.get(pattern.key);
    if (leaf === undefined) leaves.set(pattern.key, [pattern]);
    else leaf.push(pattern);
    size += 1;
  }

  function take(id: number): readonly RetiredPattern[] {
    const patterns = byId.get(id) ?? [];
    byId.delete(id);
    size -= patterns.length;
    for (const { key } of patterns) {
      const rest = leaves.get(key)?.filter((other) => other.id !== id) ?? [];
      if (rest.length === 0) leaves.delete(key);
      else leaves.set(key, rest);
    }
    return patterns;
  }

  return {
    add: ({ id, label, bornMs, patterns }) => {
      for (const { key, tokens } of patterns) {
        // A leaf of many is searched slowly: its oldest goes.
        const leaf = leaves.get(key);
        if (leaf !== undefined && leaf.length >= perLeaf) take(leaf[0]!.id);
        keep({ key, tokens, id, label, bornMs });
      }
      if (size <= limit) return;
      for (const oldest of byId.keys()) {
        take(oldest);
        if (size <= limit * keptShare) return;
      }
    },
    revive: (key, tokens, count, similarity) => {
      const leaf = leaves.get(key);
      const found = leaf === undefined ? undefined : nearestPattern(leaf, tokens, count, similarity);
      return found === undefined ? [] : take(found.id);
    },
    save: (): Saved =>
      [...byId.values()].flat().map(({ key, tokens, id, label, bornMs }) => [key, [...tokens], id, label, bornMs]),
    load: (saved) => {
      byId = new Map();
      leaves = new Map();
      size = 0;
      for (const [key, tokens, id, label, bornMs] of saved as Saved) {
        keep({ key, tokens: Uint32Array.from(tokens), id, label, bornMs });
      }
    },
  };
}

const perLeaf = 100;
/** Beyond the limit a tenth goes at once: one by one, a map's first key is found slowly. */
const keptShare = 0.9;

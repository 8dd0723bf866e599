import { thinOut } from '../../model/index.ts';

/** Template ids of a session's lines, ascending, and how often each came. */
export interface CountVector {
  readonly ids: readonly number[];
  readonly counts: readonly number[];
}

interface KnownVector extends CountVector {
  readonly firstMs: number;
  seen: number;
}

/** Vectors of a scope (the pods of one workload) that were seen, and how often one is new. */
export interface SessionVectors {
  /** Takes a session in and says whether its vector is unseen: first met less than `learnMs` ago, after the warm-up. */
  take(scope: string, vector: CountVector, timeMs: number): boolean;
  /** Counts judged sessions of the scope for what is usual. Those of the warm-up are counted by themselves. */
  learn(scope: string, sessions: number, unseen: number): void;
  /** Share of the scope's sessions that are unseen, by all so far: at least one in their number. */
  unseenShare(scope: string): number;
  isWarm(scope: string): boolean;
  /** The vector of the scope, known for long, that differs least from this one. */
  nearest(scope: string, vector: CountVector, timeMs: number): CountVector | undefined;
  /** Vectors kept. */
  readonly size: number;
  /** Names templates anew after those of these ids have become others. What holds one counts as used now. */
  rename(gone: ReadonlySet<number>, idNow: (id: number) => number): void;
  save(): unknown;
  load(saved: unknown): void;
}

export interface SessionVectorsOptions {
  readonly warmupSessions: number;
  readonly maxVectors: number;
  readonly learnMs: number;
}

interface Scope {
  sessions: number;
  unseen: number;
}

/** Sessions beyond this count for less and less: what was usual changes. */
const memorySessions = 5000;
const maxScopes = 1000;
const comparedVectors = 1000;

/**
 * The unseen event-count vector: the strongest of the simple detectors of abnormal log sessions (Landauer, Skopik, Wurzenberger:
 * "A critical review of common log data sets used for evaluation of sequence-based anomaly detection", FSE 2024). Which
 * share of healthy sessions is unseen anyway is learnt (Good and Turing's estimate), so that a scope whose sessions are
 * all different raises nothing.
 */
export function createSessionVectors(options: SessionVectorsOptions): SessionVectors {
  const { warmupSessions, maxVectors, learnMs } = options;
  /** In the order of their last use. */
  let known = new Map<string, KnownVector>();
  let scopes = new Map<string, Scope>();

  return {
    get size() {
      return known.size;
    },
    take: (name, vector, timeMs) => {
      const scope = scopes.get(name) ?? { sessions: 0, unseen: 0 };
      scopes.delete(name);
      scopes.set(name, scope);
      thinOut(scopes, maxScopes);
      const warm = scope.sessions >= warmupSessions;
      const key = `${name}\n${vector.ids.join(',')}\n${vector.counts.join(',')}`;
      const before = known.get(key);
      known.delete(key);
      // What is met during the warm-up is known from then on.
      const met = before ?? { ...vector, firstMs: warm ? timeMs : Number.NEGATIVE_INFINITY, seen: 0 };
      met.seen += 1;
      known.set(key, met);
      thinOut(known, maxVectors);
      const unseen = before === undefined || timeMs - met.firstMs < learnMs;
      if (warm) return unseen;
      scope.sessions += 1;
      if (unseen) scope.unseen += 1;
      return false;
    },
    learn: (name, sessions, unseen) => {
      const scope = scopes.get(name);
      if (scope === undefined) return;
      const keep = Math.min(1, memorySessions / (scope.sessions + sessions));
      scope.sessions = (scope.sessions + sessions) * keep;
      scope.unseen = (scope.unseen + unseen) * keep;
    },
    unseenShare: (name) => {
      const { sessions, unseen } = scopes.get(name) ?? { sessions: 0, unseen: 0 };
      return Math.min(1, (unseen + 1) / (sessions + 2));
    },
    isWarm: (name) => (scopes.get(name)?.sessions ?? 0) >= warmupSessions,
    nearest: (name, vector, timeMs) => {
      let best: KnownVector | undefined;
      let bestDistance = Number.POSITIVE_INFINITY;
      let compared = 0;
      for (const [key, other] of known) {
        if (timeMs - other.firstMs < learnMs || !key.startsWith(`${name}\n`)) continue;
        const apart = distance(vector, other);
        if (apart < bestDistance || (apart === bestDistance && other.seen > best!.seen)) {
          best = other;
          bestDistance = apart;
        }
        compared += 1;
        if (compared >= comparedVectors) break;
      }
      return best;
    },
    rename: (gone, idNow) => {
      const renamed: [string, KnownVector][] = [];
      for (const [key, vector] of known) if (vector.ids.some((id) => gone.has(id))) renamed.push([key, vector]);
      for (const [key, vector] of renamed) {
        known.delete(key);
        const now = sortedVector(new Map(vector.ids.map((id, at) => [id, vector.counts[at]!])), idNow);
        const name = key.slice(0, key.indexOf('\n'));
        const next = `${name}\n${now.ids.join(',')}\n${now.counts.join(',')}`;
        const same = known.get(next);
        known.delete(next);
        const seen = vector.seen + (same?.seen ?? 0);
        known.set(next, { ...now, firstMs: Math.min(vector.firstMs, same?.firstMs ?? vector.firstMs), seen });
      }
    },
    save: () => ({
      known: [...known].map(([key, { firstMs, seen }]) => [key, Number.isFinite(firstMs) ? firstMs : null, seen]),
      scopes: [...scopes],
    }),
    load: (saved) => {
      const state = saved as {
        readonly known: readonly (readonly [string, number | null, number])[];
        readonly scopes: readonly (readonly [string, Scope])[];
      };
      known = new Map(
        state.known.map(([key, firstMs, seen]) => {
          const [, ids = '', counts = ''] = key.split('\n');
          return [
            key,
            { ids: numbers(ids), counts: numbers(counts), firstMs: firstMs ?? Number.NEGATIVE_INFINITY, seen },
          ];
        }),
      );
      scopes = new Map(state.scopes.map(([name, scope]) => [name, { ...scope }]));
    },
  };
}

function numbers(text: string): readonly number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

/** A vector of counts by id, ids ascending and as they are called now. */
export function sortedVector(counted: ReadonlyMap<number, number>, idNow: (id: number) => number): CountVector {
  const byId = new Map<number, number>();
  for (const [id, count] of counted) byId.set(idNow(id), (byId.get(idNow(id)) ?? 0) + count);
  const ids = [...byId.keys()].sort((a, b) => a - b);
  return { ids, counts: ids.map((id) => byId.get(id)!) };
}

/** How many lines two vectors differ in. */
export function distance(one: CountVector, other: CountVector): number {
  return differences(one, other).reduce((sum, { observed, expected }) => sum + Math.abs(observed - expected), 0);
}

/** The templates whose counts differ, most first. */
export function differences(
  one: CountVector,
  other: CountVector,
): readonly { readonly id: number; readonly observed: number; readonly expected: number }[] {
  const expected = new Map(other.ids.map((id, at) => [id, other.counts[at]!]));
  const found: { readonly id: number; readonly observed: number; readonly expected: number }[] = [];
  for (const [at, id] of one.ids.entries()) {
    const usual = expected.get(id) ?? 0;
    expected.delete(id);
    if (one.counts[at] !== usual) found.push({ id, observed: one.counts[at]!, expected: usual });
  }
  for (const [id, usual] of expected) found.push({ id, observed: 0, expected: usual });
  return found.sort((a, b) => Math.abs(b.observed - b.expected) - Math.abs(a.observed - a.expected));
}

import type { Components } from './components.ts';

/** Every component whose trouble can become that of `start`, itself included, with the number of hops. */
export function causesOf(components: Components, start: string, maxHops: number): ReadonlyMap<string, number> {
  return spread(start, maxHops, (key) => components.byKey.get(key)?.causes ?? []);
}

/** Every component that trouble at `start` can reach, itself included, with the number of hops. */
export function effectsOf(components: Components, start: string, maxHops: number): ReadonlyMap<string, number> {
  return spread(start, maxHops, (key) => components.byKey.get(key)?.effects ?? []);
}

function spread(start: string, maxHops: number, next: (key: string) => readonly string[]): ReadonlyMap<string, number> {
  const hops = new Map([[start, 0]]);
  let frontier = [start];
  for (let hop = 1; hop <= maxHops && frontier.length > 0; hop += 1) {
    const reached: string[] = [];
    for (const key of frontier) {
      for (const other of next(key)) {
        if (hops.has(other)) continue;
        hops.set(other, hop);
        reached.push(other);
      }
    }
    frontier = reached;
  }
  return hops;
}

/**
 * The way from cause to symptom along effects: of the shortest ways the one whose steps are most anomalous
 * (`weight` in [0, 1]). Undefined where there is none.
 */
export function wayBetween(
  components: Components,
  cause: string,
  symptom: string,
  maxHops: number,
  weight: (key: string) => number,
): readonly string[] | undefined {
  const toSymptom = causesOf(components, symptom, maxHops);
  if (!toSymptom.has(cause)) return undefined;
  const way = [cause];
  for (let at = cause; at !== symptom; ) {
    const left = toSymptom.get(at)!;
    const steps = (components.byKey.get(at)?.effects ?? []).filter((key) => toSymptom.get(key) === left - 1);
    at = steps.reduce((best, key) => (weight(key) > weight(best) ? key : best), steps[0]);
    way.push(at);
  }
  return way;
}

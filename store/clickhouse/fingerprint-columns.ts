import type { SeriesDefinition } from '../../model/index.ts';

/** Turns catalogue numbers into fingerprints, as columns of 64-bit integers (two 32-bit halves, low one first). */
export interface FingerprintColumns {
  /** Learns the series of a block; cheap for those known already. */
  learn(definitions: readonly SeriesDefinition[]): void;
  /** Writes the fingerprints of `count` rows from row `at` on. Throws RangeError for a series nobody defined. */
  fill(target: Uint32Array, at: number, series: Uint32Array, count: number): void;
}

export function createFingerprintColumns(): FingerprintColumns {
  let halves = new Uint32Array(2048);
  const known: (string | undefined)[] = [];

  function learn(definitions: readonly SeriesDefinition[]): void {
    for (const { id, fingerprint } of definitions) {
      if (known[id] === fingerprint) continue;
      if (id * 2 + 1 >= halves.length) {
        const larger = new Uint32Array(Math.max(halves.length * 2, id * 2 + 2));
        larger.set(halves);
        halves = larger;
      }
      halves[id * 2] = Number.parseInt(fingerprint.slice(8), 16);
      halves[id * 2 + 1] = Number.parseInt(fingerprint.slice(0, 8), 16);
      known[id] = fingerprint;
    }
  }

  function fill(target: Uint32Array, at: number, series: Uint32Array, count: number): void {
    for (let i = 0; i < count; i++) {
      const id = series[i];
      if (known[id] === undefined) throw new RangeError(`Series ${id} is in a block without its definition.`);
      target[(at + i) * 2] = halves[id * 2];
      target[(at + i) * 2 + 1] = halves[id * 2 + 1];
    }
  }

  return { learn, fill };
}

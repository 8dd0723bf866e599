/** Time as a dependency: real in `engine/`, simulated in tests, the demo story and replays. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after that much of this clock's time, or at once with false when the signal aborts. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<boolean>;
}

/** A seeded source of randomness in [0, 1). */
export type Random = () => number;

/**
 * mulberry32 (Tommy Ettinger, public domain): 32-bit state, one multiply-xorshift round; good enough for simulation and
 * sampling, not for secrets.
 */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

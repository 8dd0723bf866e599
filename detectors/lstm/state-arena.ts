/**
 * The recurrent states of all series: one run of `floats` numbers a slot, one after the other. Grown by doubling, so
 * `data` must be read anew after `ensure`.
 */
export interface StateArena {
  readonly data: Float32Array;
  ensure(slots: number): void;
  reset(slot: number): void;
  /** A copy of the first `slots` slots. */
  save(slots: number): Float32Array;
  load(states: Float32Array): void;
}

export function createStateArena(floats: number): StateArena {
  let data: Float32Array = new Float32Array(0);
  return {
    get data() {
      return data;
    },
    ensure(slots) {
      if (slots * floats <= data.length) return;
      const grown = new Float32Array(Math.max(slots * floats, data.length * 2));
      grown.set(data);
      data = grown;
    },
    reset(slot) {
      data.fill(0, slot * floats, (slot + 1) * floats);
    },
    save: (slots) => data.slice(0, slots * floats),
    load(states) {
      data = states;
    },
  };
}

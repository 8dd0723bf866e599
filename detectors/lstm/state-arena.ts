/**
 * The recurrent states of all series in one buffer: first the rows that a tile feeds to the network and those it gets
 * back, then one row a slot. One buffer, because `copyWithin` moves rows inside an array without making an object, and
 * runs of neighbouring slots (the usual case: a sender's series come in the order in which they were first seen) in
 * one go.
 */
export interface StateArena {
  /** Another array after every growth: views made of an older one are stale. */
  readonly data: Float32Array;
  ensure(slots: number): void;
  reset(slot: number): void;
  /** Puts every slot back to zeros. */
  clear(): void;
  /** Copies the states of `count` slots, at `offset` of the column, to the rows before a step. */
  gather(slots: Uint32Array, offset: number, count: number): void;
  /** Copies `after`, the rows that a step has written, to those slots; the arena may have grown meanwhile. */
  scatter(slots: Uint32Array, offset: number, count: number, after: Float32Array): void;
  /** The first `rows` rows before a step, as a view. */
  before(rows: number): Float32Array;
  /** The first `rows` rows after a step, as a view. */
  after(rows: number): Float32Array;
  /** The states of `count` neighbouring slots, as a view. */
  neighbours(first: number, count: number): Float32Array;
  /** A copy of the first `slots` slots. */
  save(slots: number): Float32Array;
  /** Replaces all states; slots beyond those given start from zeros, room stays what it was. */
  load(states: Float32Array): void;
}

const largeArena = 4096;

export function createStateArena(floats: number, tileRows: number): StateArena {
  const firstSlotAt = 2 * tileRows * floats;
  let data: Float32Array = new Float32Array(firstSlotAt);

  function grow(slots: number): void {
    const grown = new Float32Array(firstSlotAt + slots * floats);
    grown.set(data);
    data = grown;
  }

  return {
    get data() {
      return data;
    },
    ensure(slots) {
      const held = (data.length - firstSlotAt) / floats;
      // By a quarter once it is large: this is a tenth of what a series costs.
      if (slots > held) grow(Math.max(slots, held < largeArena ? 2 * held : held + (held >> 2)));
    },
    reset(slot) {
      data.fill(0, firstSlotAt + slot * floats, firstSlotAt + (slot + 1) * floats);
    },
    clear() {
      data.fill(0, firstSlotAt);
    },
    gather(slots, offset, count) {
      for (let row = 0; row < count; ) {
        const length = runLength(slots, offset + row, offset + count);
        const from = firstSlotAt + slots[offset + row]! * floats;
        data.copyWithin(row * floats, from, from + length * floats);
        row += length;
      }
    },
    scatter(slots, offset, count, after) {
      if (after.buffer !== data.buffer) data.set(after, tileRows * floats);
      for (let row = 0; row < count; ) {
        const length = runLength(slots, offset + row, offset + count);
        const from = (tileRows + row) * floats;
        data.copyWithin(firstSlotAt + slots[offset + row]! * floats, from, from + length * floats);
        row += length;
      }
    },
    before: (rows) => data.subarray(0, rows * floats),
    after: (rows) => data.subarray(tileRows * floats, (tileRows + rows) * floats),
    neighbours: (first, count) => data.subarray(firstSlotAt + first * floats, firstSlotAt + (first + count) * floats),
    save: (slots) => data.slice(firstSlotAt, firstSlotAt + slots * floats),
    load(states) {
      data = new Float32Array(Math.max(data.length, firstSlotAt + states.length));
      data.set(states, firstSlotAt);
    },
  };
}

/** How many slots from `at` on, before `end`, follow each other. */
export function runLength(slots: Uint32Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && slots[next] === slots[next - 1]! + 1) next++;
  return next - at;
}

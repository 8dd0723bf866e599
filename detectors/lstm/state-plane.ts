import { activationZero } from './onnx/activation-bytes.ts';

/** Numbers of a plane: floats, or bytes of activations where the network takes such. */
export type States = Float32Array | Uint8Array;

/**
 * One tensor's part of the recurrent states of all series in one buffer: first the rows that a tile feeds to the network
 * and those it gets back, then one row a slot. One buffer, because `copyWithin` moves rows inside an array without making
 * an object, and runs of neighbouring slots (the usual case: a sender's series come in the order in which they were first
 * seen) in one go.
 */
export interface StatePlane {
  /** Another array after every growth: views made of an older one are stale. */
  readonly data: States;
  ensure(slots: number): void;
  reset(slot: number): void;
  clear(): void;
  gather(slots: Uint32Array, offset: number, count: number): void;
  scatter(slots: Uint32Array, offset: number, count: number, after: States): void;
  before(rows: number): States;
  after(rows: number): States;
  neighbours(first: number, count: number): States;
}

/** What a slot has in a plane. */
export interface StatePart {
  readonly units: number;
  readonly ofBytes: boolean;
}

const largePlane = 4096;

/** `units` numbers a row; for the methods see the arena, which is made of planes. */
export function createStatePlane({ units, ofBytes }: StatePart, tileRows: number): StatePlane {
  const firstSlotAt = 2 * tileRows * units;
  const zero = ofBytes ? activationZero : 0;
  let data = createStates(firstSlotAt);

  function createStates(length: number): States {
    return ofBytes ? new Uint8Array(length).fill(zero) : new Float32Array(length);
  }

  function grow(slots: number): void {
    const grown = createStates(firstSlotAt + slots * units);
    grown.set(data);
    data = grown;
  }

  return {
    get data() {
      return data;
    },
    ensure(slots) {
      const held = (data.length - firstSlotAt) / units;
      // By a quarter once it is large: states are a tenth of what a series costs.
      if (slots > held) grow(Math.max(slots, held < largePlane ? 2 * held : held + (held >> 2)));
    },
    reset(slot) {
      data.fill(zero, firstSlotAt + slot * units, firstSlotAt + (slot + 1) * units);
    },
    clear() {
      data.fill(zero, firstSlotAt);
    },
    gather(slots, offset, count) {
      for (let row = 0; row < count; ) {
        const length = runLength(slots, offset + row, offset + count);
        const from = firstSlotAt + slots[offset + row]! * units;
        data.copyWithin(row * units, from, from + length * units);
        row += length;
      }
    },
    scatter(slots, offset, count, after) {
      if (after.buffer !== data.buffer) data.set(after, tileRows * units);
      for (let row = 0; row < count; ) {
        const length = runLength(slots, offset + row, offset + count);
        const from = (tileRows + row) * units;
        data.copyWithin(firstSlotAt + slots[offset + row]! * units, from, from + length * units);
        row += length;
      }
    },
    before: (rows) => data.subarray(0, rows * units),
    after: (rows) => data.subarray(tileRows * units, (tileRows + rows) * units),
    neighbours: (first, count) => data.subarray(firstSlotAt + first * units, firstSlotAt + (first + count) * units),
  };
}

/** How many slots from `at` on, before `end`, follow each other. */
export function runLength(slots: Uint32Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && slots[next] === slots[next - 1]! + 1) next++;
  return next - at;
}

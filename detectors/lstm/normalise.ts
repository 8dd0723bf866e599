import { grownLength } from '../checkpoint/columns.ts';

/** Normalised inputs and targets lie within ±8 scales. */
export const inputClip = 8;

/** Points the running estimates remember (their gain is one over this). */
const memory = 120;
/** Points that are taken in unclipped, because there is no scale yet to clip by. */
const unclippedPoints = 16;
/** The scale is never less than this share of the values' size: less movement than that is standing still. */
const relativeFloor = 1e-2;
const absoluteFloor = 1e-12;

/**
 * Running location and scale of many series, one slot each, in columns. Training and serving share this code, so what
 * the network meets is what it learnt from.
 *
 * Location is an exponentially weighted mean, scale an exponentially weighted mean absolute deviation, both moved by
 * deviations clipped to ±8 scales: an outlier barely moves them, a lasting shift is followed within some hundred points
 * (a stochastic-approximation form of Huber's M-estimator, Huber 1964). The floor of the scale comes from the values'
 * running size, clipped the same way.
 */
export interface Normaliser {
  /** Room for slots 0 to `slots` - 1; new slots are empty. */
  ensure(slots: number): void;
  /** Forgets a slot. */
  reset(slot: number): void;
  /** Takes a finite value in and returns it normalised, within ±8: the network's input. */
  observe(slot: number, value: number): number;
  /** The same for values `from` to `to` of a column, each of the slot beside it, to the same places of `inputs`. */
  observeAll(slots: Uint32Array, values: Float64Array, from: number, to: number, inputs: Inputs): void;
  /** A value in the slot's present scale, neither taken in nor clipped: to hold beside the prediction for it. */
  normalise(slot: number, value: number): number;
  /**
   * The values, in the series' units, that predictions `from` to `to` made after the last `observe` mean, each of the slot
   * beside it: written to `into` at the place beside it.
   */
  denormaliseAll(
    slots: Uint32Array,
    predictions: Inputs,
    from: number,
    to: number,
    into: Float64Array,
    places: Int32Array | Uint32Array,
  ): void;
  /** The present scale in the series' unit, floors applied. */
  scale(slot: number): number;
  /** Points taken in since the last reset. */
  count(slot: number): number;
  /** What is known of one slot, and the same put into another. */
  take(slot: number): Float64Array;
  put(slot: number, known: Float64Array): void;
  /** The first `slots` slots as bytes, for a checkpoint. */
  save(slots: number): Uint8Array;
  /** Takes back what `save` wrote; false, and nothing changed, where the bytes are no such thing. */
  load(bytes: Uint8Array): boolean;
}

type Inputs = Float32Array | Float64Array;

/** Places of a slot's numbers. */
const locationAt = 0;
const scaleAt = 1;
const sizeAt = 2;
const countAt = 3;
const fields = 4;

export function createNormaliser(slots = 0): Normaliser {
  let state = new Float64Array(slots * fields);
  const oneSlot = new Uint32Array(1);
  const oneValue = new Float64Array(1);
  const oneInput = new Float64Array(1);

  function location(slot: number): number {
    return state[slot * fields + locationAt]!;
  }

  function scale(slot: number): number {
    const floor = relativeFloor * state[slot * fields + sizeAt]! + absoluteFloor;
    return Math.max(state[slot * fields + scaleAt]!, floor);
  }

  /** One loop without calls that give numbers: V8 makes an object of each. */
  function observeAll(slots: Uint32Array, values: Float64Array, from: number, to: number, inputs: Inputs): void {
    const numbers = state;
    for (let row = from; row < to; row += 1) {
      const at = slots[row]! * fields;
      const value = values[row]!;
      const count = numbers[at + countAt]! + 1;
      const gain = Math.max(1 / count, 1 / memory);
      const size = numbers[at + sizeAt]!;
      // Zeros say nothing about a series' size; its first other value does.
      const seenSize =
        size === 0 ? Math.abs(value) : size + gain * (Math.min(Math.abs(value), inputClip * size) - size);
      numbers[at + sizeAt] = seenSize;
      numbers[at + countAt] = count;
      const floor = relativeFloor * seenSize + absoluteFloor;
      const before = numbers[at + scaleAt]!;
      const location = numbers[at + locationAt]!;
      const offset = count === 1 ? 0 : value - location;
      const limit = count > unclippedPoints ? inputClip * Math.max(before, floor) : Number.POSITIVE_INFINITY;
      const deviation = Math.max(-limit, Math.min(limit, offset));
      const moved = count === 1 ? value : location + gain * deviation;
      const scale = before + gain * (Math.abs(deviation) - before);
      numbers[at + locationAt] = moved;
      numbers[at + scaleAt] = scale;
      inputs[row] = Math.max(-inputClip, Math.min(inputClip, (value - moved) / Math.max(scale, floor)));
    }
  }

  function observe(slot: number, value: number): number {
    oneSlot[0] = slot;
    oneValue[0] = value;
    observeAll(oneSlot, oneValue, 0, 1, oneInput);
    return oneInput[0]!;
  }

  return {
    ensure(wanted) {
      if (wanted * fields <= state.length) return;
      const grown = new Float64Array(fields * grownLength(state.length / fields, wanted));
      grown.set(state);
      state = grown;
    },
    reset(slot) {
      state.fill(0, slot * fields, (slot + 1) * fields);
    },
    observe,
    observeAll,
    normalise: (slot, value) => (value - location(slot)) / scale(slot),
    denormaliseAll(slots, predictions, from, to, into, places) {
      const numbers = state;
      for (let row = from; row < to; row += 1) {
        const at = slots[row]! * fields;
        const floor = relativeFloor * numbers[at + sizeAt]! + absoluteFloor;
        into[places[row]!] = numbers[at + locationAt]! + predictions[row]! * Math.max(numbers[at + scaleAt]!, floor);
      }
    },
    scale,
    count: (slot) => state[slot * fields + countAt]!,
    take: (slot) => state.slice(slot * fields, (slot + 1) * fields),
    put: (slot, known) => state.set(known, slot * fields),
    save: (wanted) => new Uint8Array(state.slice(0, wanted * fields).buffer),
    load(bytes) {
      if (bytes.byteLength % (fields * Float64Array.BYTES_PER_ELEMENT) !== 0) return false;
      // A copy, since `slice` of a Buffer would be a view at an odd place of its pool.
      const saved = new Float64Array(new Uint8Array(bytes).buffer);
      state = new Float64Array(Math.max(state.length, saved.length));
      state.set(saved);
      return true;
    },
  };
}

/** Normalised inputs and targets lie within ±8 scales. */
export const inputClip = 8;

/** Points the running location and scale remember (the gain is one over this). */
const memory = 120;
/** Points that are taken in unclipped, because there is no scale yet to clip by. */
const unclippedPoints = 16;
/** The scale is never less than this share of the level: what moves by less than a thousandth stands still. */
const relativeFloor = 1e-3;
const absoluteFloor = 1e-9;

/**
 * Running location and scale of many series, one slot each, in columns. Training and serving share this code, so what
 * the network meets is what it learnt from.
 *
 * Location is an exponentially weighted mean and scale an exponentially weighted mean absolute deviation, both moved by
 * deviations clipped to ±8 scales: an outlier barely moves them, a lasting shift is followed within about a hundred
 * points (a stochastic-approximation form of Huber's M-estimator, Huber 1964).
 */
export interface Normaliser {
  /** Room for slots 0 to `slots` - 1; new slots are empty. */
  ensure(slots: number): void;
  /** Forgets a slot. */
  reset(slot: number): void;
  /** Takes a finite value in and returns it normalised, within ±8: the network's input. */
  observe(slot: number, value: number): number;
  /** A value in the slot's present scale, neither taken in nor clipped: to hold beside the prediction for it. */
  normalise(slot: number, value: number): number;
  /** The value, in the series' unit, that a prediction made after the last `observe` means. */
  denormalise(slot: number, normalised: number): number;
  /** The present scale in the series' unit, floors applied. */
  scale(slot: number): number;
  /** Points taken in since the last reset. */
  count(slot: number): number;
  /** The first `slots` slots as bytes, for a checkpoint. */
  save(slots: number): Uint8Array;
  /** Takes back what `save` wrote; false, and nothing changed, where the bytes are no such thing. */
  load(bytes: Uint8Array): boolean;
}

const fields = 3;

export function createNormaliser(slots = 0): Normaliser {
  let state = new Float64Array(slots * fields);

  function scaleOf(at: number, value: number): number {
    const floor = relativeFloor * Math.max(Math.abs(state[at]!), Math.abs(value)) + absoluteFloor;
    return Math.max(state[at + 1]!, floor);
  }

  function ensure(wanted: number): void {
    if (wanted * fields <= state.length) return;
    const grown = new Float64Array(Math.max(wanted * fields, state.length * 2));
    grown.set(state);
    state = grown;
  }

  function observe(slot: number, value: number): number {
    const at = slot * fields;
    const count = state[at + 2]! + 1;
    const gain = Math.max(1 / count, 1 / memory);
    let deviation = value - state[at]!;
    if (count === 1) {
      state[at] = value;
      deviation = 0;
    } else if (count > unclippedPoints) {
      deviation = clamp(deviation, inputClip * scaleOf(at, value));
    }
    state[at] = state[at]! + gain * deviation;
    state[at + 1] = state[at + 1]! + gain * (Math.abs(deviation) - state[at + 1]!);
    state[at + 2] = count;
    return clamp((value - state[at]!) / scaleOf(at, state[at]!), inputClip);
  }

  return {
    ensure,
    reset: (slot) => {
      state.fill(0, slot * fields, slot * fields + fields);
    },
    observe,
    normalise: (slot, value) => (value - state[slot * fields]!) / scaleOf(slot * fields, state[slot * fields]!),
    denormalise: (slot, normalised) =>
      state[slot * fields]! + normalised * scaleOf(slot * fields, state[slot * fields]!),
    scale: (slot) => scaleOf(slot * fields, state[slot * fields]!),
    count: (slot) => state[slot * fields + 2]!,
    save: (wanted) => new Uint8Array(state.slice(0, wanted * fields).buffer),
    load: (bytes) => {
      if (bytes.byteLength % (fields * Float64Array.BYTES_PER_ELEMENT) !== 0) return false;
      state = new Float64Array(bytes.slice().buffer);
      return true;
    },
  };
}

function clamp(value: number, limit: number): number {
  return Math.max(-limit, Math.min(limit, value));
}

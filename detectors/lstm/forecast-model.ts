import type { Precision } from './precision.ts';

/** Points of history that the network was trained on: a series is warm after as many. */
export const forecastWindow = 60;

/**
 * The forecasting network (LSTM 64, LSTM 32, dense 1), served statefully: every series owns a slot that keeps its
 * recurrent state, so a new point costs one cell step and not a window of 60.
 */
export interface ForecastModel {
  readonly window: typeof forecastWindow;
  /** SHA-256 of the model file that serves, hex. */
  readonly sha256: string;
  /**
   * Feeds one normalised point each to `count` different slots and writes the normalised forecast of each series' next
   * point. Calls are served one after the other; `load` is for between them, `reset` for slots that no call under way
   * has, `ensure` for any time. `slots`, `inputs` and `predictions` are parallel columns that the caller owns and leaves
   * alone until the promise resolves.
   */
  step(slots: Uint32Array, inputs: Float32Array, count: number, predictions: Float32Array): Promise<void>;
  /** Room for slots 0 to `slots` - 1; new slots start from the zero state. */
  ensure(slots: number): void;
  /** Puts a slot back to the zero state. */
  reset(slot: number): void;
  /** The recurrent state of the first `slots` slots, for a checkpoint. */
  save(slots: number): Uint8Array;
  /** Length of what `save` gives. */
  savedBytes(slots: number): number;
  /**
   * The part of it that holds slots `from` to `to` - 1, in its turn behind the calls before; what stands before the slots
   * comes with slot 0. Parts behind each other are what `save` gives: a copy of all of it would be as much again.
   */
  saveSoon(from: number, to: number): Promise<Uint8Array>;
  /** Takes back what `save` wrote; false, and nothing changed, where it belongs to other weights. */
  load(bytes: Uint8Array): boolean;
  /**
   * Goes on with another network that its host has prepared, every slot from the zero state. Not while a call is under
   * way. Throws KYBERN_MODEL where none is prepared by this SHA-256.
   */
  use(sha256: string): void;
  /** Frees what it holds; the model is of no use afterwards. */
  close(): Promise<void>;
}

export interface ForecastModelOptions {
  /** The ONNX file; its SHA-256 lies beside it in `<path>.sha256`. */
  readonly path: string;
  /** ONNX Runtime threads for one step. */
  readonly threads: number;
  /** float32 where not given: see {@link Precision}. */
  readonly precision?: Precision;
}

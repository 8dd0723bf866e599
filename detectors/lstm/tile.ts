import type { InferenceSession, TypedTensor } from 'onnxruntime-node';
import { stateFloats } from './network.ts';
import type { StateArena } from './state-arena.ts';

/**
 * Rows that go through the network at once: of 64 to 2,048 the fastest (`npm run bench -- infer`); states and gates of so
 * many stay in the L2 cache.
 */
export const tileRows = 512;
/** Smaller tiles come in multiples of this; rows over are computed and thrown away. */
const rowStep = 16;

interface TileFeeds {
  readonly inputs: InferenceSession.OnnxValueMapType;
  readonly outputs: InferenceSession.OnnxValueMapType;
  readonly after: Float32Array;
}

/**
 * Runs up to `tileRows` series through the network: gathers their states, runs the session on the same memory every
 * time and scatters the new states. Tensors are made once for every row count in use.
 */
export interface Tile {
  /** `count` series at `offset` of the columns; resolves when arena and predictions are written. */
  run(
    slots: Uint32Array,
    inputs: Float32Array,
    predictions: Float32Array,
    offset: number,
    count: number,
  ): Promise<void>;
}

type CreateTensor = (data: Float32Array, shape: readonly number[]) => TypedTensor<'float32'>;

export function createTile(session: InferenceSession, arena: StateArena, createTensor: CreateTensor): Tile {
  const x = new Float32Array(tileRows);
  const prediction = new Float32Array(tileRows);
  const feedsOf = new Map<number, TileFeeds>();
  let feedsArena = arena.data;

  function feeds(rows: number): TileFeeds {
    if (feedsArena !== arena.data) {
      feedsOf.clear();
      feedsArena = arena.data;
    }
    const known = feedsOf.get(rows);
    if (known !== undefined) return known;
    const after = arena.after(rows);
    const made = {
      after,
      inputs: {
        x: createTensor(x.subarray(0, rows), [rows, 1]),
        state: createTensor(arena.before(rows), [rows, stateFloats]),
      },
      outputs: {
        prediction: createTensor(prediction.subarray(0, rows), [rows, 1]),
        state_next: createTensor(after, [rows, stateFloats]),
      },
    };
    feedsOf.set(rows, made);
    return made;
  }

  return {
    async run(slots, inputs, predictions, offset, count) {
      for (let row = 0; row < count; row++) x[row] = inputs[offset + row]!;
      arena.gather(slots, offset, count);
      const { inputs: fed, outputs, after } = feeds(Math.min(tileRows, Math.ceil(count / rowStep) * rowStep));
      await session.run(fed, outputs);
      arena.scatter(slots, offset, count, after);
      for (let row = 0; row < count; row++) predictions[offset + row] = prediction[row]!;
    },
  };
}

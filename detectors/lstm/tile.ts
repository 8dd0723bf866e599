import type { InferenceSession, TypedTensor } from 'onnxruntime-node';
import { stateFloats } from './network.ts';
import { runLength, type StateArena } from './state-arena.ts';

/**
 * Rows that go through the network at once: of 256 to 2,048 about the fastest (`npm run bench -- infer`); states and
 * gates of so many stay in the L2 cache.
 */
export const tileRows = 1024;
/** Smaller gathered tiles come in multiples of this; rows over are computed and thrown away. */
const rowStep = 16;
/** Tensors over runs of slots that are kept for the next tick. */
const keptFeeds = 4096;

interface TileFeeds {
  readonly inputs: InferenceSession.OnnxValueMapType;
  readonly outputs: InferenceSession.OnnxValueMapType;
  readonly after: Float32Array;
}

/**
 * Runs up to `tileRows` series through the network, on tensors that are made once and used again:
 *
 * - neighbouring slots, the usual case, in place: the network reads their states from the arena and writes the new ones
 *   over them, which is safe because it takes the whole state apart before it puts the new one together;
 * - other slots by way of rows beside the arena: gathered, run, scattered.
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

/** What a tile needs of a session. */
export interface NetworkRunner {
  run(inputs: InferenceSession.OnnxValueMapType, outputs: InferenceSession.OnnxValueMapType): Promise<unknown>;
}

type CreateTensor = (data: Float32Array, shape: readonly number[]) => TypedTensor<'float32'>;

export function createTile(session: NetworkRunner, arena: StateArena, createTensor: CreateTensor): Tile {
  const x = new Float32Array(tileRows);
  const prediction = new Float32Array(tileRows);
  const feedsOf = new Map<number, TileFeeds>();
  let feedsArena = arena.data;

  function makeFeeds(rows: number, before: Float32Array, after: Float32Array): TileFeeds {
    return {
      after,
      inputs: {
        x: createTensor(x.subarray(0, rows), [rows, 1]),
        state: createTensor(before, [rows, stateFloats]),
      },
      outputs: {
        prediction: createTensor(prediction.subarray(0, rows), [rows, 1]),
        state_next: createTensor(after, [rows, stateFloats]),
      },
    };
  }

  /** `first` is the first of a run of slots, or -1 for gathered rows. */
  function feeds(first: number, rows: number): TileFeeds {
    if (feedsArena !== arena.data || feedsOf.size >= keptFeeds) {
      feedsOf.clear();
      feedsArena = arena.data;
    }
    const key = (first + 1) * (tileRows + 1) + rows;
    const known = feedsOf.get(key);
    if (known !== undefined) return known;
    const run = first < 0 ? undefined : arena.neighbours(first, rows);
    const made = makeFeeds(rows, run ?? arena.before(rows), run ?? arena.after(rows));
    feedsOf.set(key, made);
    return made;
  }

  async function runInPlace(first: number, count: number): Promise<void> {
    const { inputs, outputs, after } = feeds(first, count);
    await session.run(inputs, outputs);
    // The arena grew during the step: the new states were written to the memory that it left.
    if (after.buffer !== arena.data.buffer) arena.neighbours(first, count).set(after);
  }

  async function runGathered(slots: Uint32Array, offset: number, count: number): Promise<void> {
    arena.gather(slots, offset, count);
    const rows = Math.min(tileRows, Math.ceil(count / rowStep) * rowStep);
    const { inputs, outputs, after } = feeds(-1, rows);
    await session.run(inputs, outputs);
    arena.scatter(slots, offset, count, after);
  }

  return {
    async run(slots, inputs, predictions, offset, count) {
      for (let row = 0; row < count; row++) x[row] = inputs[offset + row]!;
      if (runLength(slots, offset, offset + count) === count) await runInPlace(slots[offset]!, count);
      else await runGathered(slots, offset, count);
      for (let row = 0; row < count; row++) predictions[offset + row] = prediction[row]!;
    },
  };
}

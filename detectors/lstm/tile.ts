import type { TypedTensor } from 'onnxruntime-node';
import { nextOf, stateParts } from './network.ts';
import type { Tensors } from './run-into.ts';
import type { StateArena } from './state-arena.ts';
import { runLength } from './state-plane.ts';

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
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  readonly after: readonly Float32Array[];
}

/**
 * Runs up to `tileRows` series through the network, on tensors that are made once and used again:
 *
 * - neighbouring slots, the usual case, in place: the network reads their states from the arena and writes the new ones
 *   over them. That is safe whatever the order in which a runtime takes the nodes: a new hidden state needs all gates, which
 *   are what reads the old one, and a new cell state is a sum with the only product that reads the old one;
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

/** Runs the network once, outputs written into the tensors given. */
export type NetworkRun = (inputs: Tensors, outputs: Tensors) => Promise<void>;

type CreateTensor = (data: Float32Array, shape: readonly number[]) => TypedTensor<'float32'>;

export function createTile(runNetwork: NetworkRun, arena: StateArena, createTensor: CreateTensor): Tile {
  const x = new Float32Array(tileRows);
  const prediction = new Float32Array(tileRows);
  const feedsOf = new Map<number, TileFeeds>();
  let feedsMemory = arena.memory;

  function makeFeeds(rows: number, before: readonly Float32Array[], after: readonly Float32Array[]): TileFeeds {
    const inputs: Record<string, TypedTensor<'float32'>> = { x: createTensor(x.subarray(0, rows), [rows, 1]) };
    const outputs: Record<string, TypedTensor<'float32'>> = {
      prediction: createTensor(prediction.subarray(0, rows), [rows, 1]),
    };
    for (const [part, { name, units }] of stateParts.entries()) {
      inputs[name] = createTensor(before[part]!, [rows, units]);
      outputs[nextOf(name)] = createTensor(after[part]!, [rows, units]);
    }
    return { inputs, outputs, after };
  }

  /** `first` is the first of a run of slots, or -1 for gathered rows. */
  function feeds(first: number, rows: number): TileFeeds {
    if (feedsMemory !== arena.memory || feedsOf.size >= keptFeeds) {
      feedsOf.clear();
      feedsMemory = arena.memory;
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
    await runNetwork(inputs, outputs);
    arena.keep(first, count, after);
  }

  async function runGathered(slots: Uint32Array, offset: number, count: number): Promise<void> {
    arena.gather(slots, offset, count);
    const rows = Math.min(tileRows, Math.ceil(count / rowStep) * rowStep);
    const { inputs, outputs, after } = feeds(-1, rows);
    await runNetwork(inputs, outputs);
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

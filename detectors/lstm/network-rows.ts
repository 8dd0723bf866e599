import type { TypedTensor } from 'onnxruntime-node';
import { nextOf, stateParts } from './network.ts';
import { tilesOf } from './onnx/tile-network.ts';
import type { Precision } from './precision.ts';
import type { Tensors } from './run-into.ts';
import type { StateArena } from './state-arena.ts';
import { runLength, type States } from './state-plane.ts';

/** Gathered rows come in multiples of this; rows over are computed and thrown away. So many a matrix product takes at once. */
const rowStep = 12;
/** Rows of a tile, whole steps: of 64 to 1,024 about the fastest; gates and sums of so many stay in the L2 cache. */
const tileRows = 42 * rowStep;
/** Rows that are gathered at once, at most. */
export const gatheredRows = 2 * tileRows;
/**
 * Tiles of neighbours that are run in one call, at most. A call makes 7 KB of objects, whatever its rows; but the binding copies
 * its outputs, which with all states as floats costs a twentieth where they do not fit the cache.
 */
const mostTiles: Readonly<Record<Precision, number>> = { int8: 32, float32: 8 };
/** Tensors over runs of slots that are kept for the next tick. */
const keptFeeds = 4096;

interface Feeds {
  readonly inputs: Tensors;
  readonly outputs: Tensors;
  readonly after: readonly States[];
}

/**
 * Runs series through the network, tile after tile in one call, on tensors that are made once and used again:
 *
 * - neighbouring slots, the usual case, in place: the network reads their states from the arena and writes the new ones
 *   over them. That is safe whatever the order in which a runtime takes the nodes: a new hidden state needs all gates, which
 *   are what reads the old one, and a new cell state is a sum with the only product that reads the old one;
 * - other slots by way of rows beside the arena: gathered, run, scattered.
 */
export interface NetworkRows {
  /**
   * The series from `offset` of the columns on, before `end`: as many as go in one call. Resolves to how many that were, when
   * arena and predictions are written.
   */
  run(
    slots: Uint32Array,
    inputs: Float32Array,
    predictions: Float32Array,
    offset: number,
    end: number,
  ): Promise<number>;
}

/** Runs the tiled network once, outputs written into the tensors given. */
export type NetworkRun = (inputs: Tensors, outputs: Tensors) => Promise<void>;

export type CreateTensor = (data: States, shape: readonly number[]) => TypedTensor<'float32'> | TypedTensor<'uint8'>;

/** Tiles of about the same size that so many rows make. */
function tilesFor(rows: number): number {
  return Math.ceil(rows / tileRows);
}

export function createNetworkRows(
  runNetwork: NetworkRun,
  arena: StateArena,
  createTensor: CreateTensor,
  precision: Precision,
): NetworkRows {
  const mostRows = mostTiles[precision] * tileRows;
  let x = new Float32Array(gatheredRows);
  let prediction = new Float32Array(gatheredRows);
  const feedsOf = new Map<number, Feeds>();
  let feedsMemory = arena.memory;

  /** Room for so many rows of input and prediction; tensors over less are of no use any more. */
  function reserve(rows: number): void {
    if (rows <= x.length) return;
    x = new Float32Array(mostRows);
    prediction = new Float32Array(mostRows);
    feedsOf.clear();
  }

  function makeFeeds(tiles: number, rows: number, before: readonly States[], after: readonly States[]): Feeds {
    const inputs: Record<string, ReturnType<CreateTensor>> = {};
    const outputs: Record<string, ReturnType<CreateTensor>> = {};
    inputs[tilesOf('x')] = createTensor(x.subarray(0, tiles * rows), [tiles, rows, 1]);
    outputs[tilesOf('prediction')] = createTensor(prediction.subarray(0, tiles * rows), [tiles, rows, 1]);
    for (const [part, { name, units }] of stateParts.entries()) {
      inputs[tilesOf(name)] = createTensor(before[part]!, [tiles, rows, units]);
      outputs[tilesOf(nextOf(name))] = createTensor(after[part]!, [tiles, rows, units]);
    }
    return { inputs, outputs, after };
  }

  /** `first` is the first of a run of slots, or -1 for gathered rows. */
  function feeds(first: number, tiles: number, rows: number): Feeds {
    if (feedsMemory !== arena.memory || feedsOf.size >= keptFeeds) {
      feedsOf.clear();
      feedsMemory = arena.memory;
    }
    const count = tiles * rows;
    const key = (first + 1) * (mostRows + 1) + count;
    const known = feedsOf.get(key);
    if (known !== undefined) return known;
    const run = first < 0 ? undefined : arena.neighbours(first, count);
    const made = makeFeeds(tiles, rows, run ?? arena.before(count), run ?? arena.after(count));
    feedsOf.set(key, made);
    return made;
  }

  async function runInPlace(first: number, count: number): Promise<void> {
    let tiles = tilesFor(count);
    while (count % tiles !== 0) tiles += 1;
    const { inputs, outputs, after } = feeds(first, tiles, count / tiles);
    await runNetwork(inputs, outputs);
    arena.keep(first, count, after);
  }

  async function runGathered(slots: Uint32Array, offset: number, count: number): Promise<void> {
    arena.gather(slots, offset, count);
    const tiles = tilesFor(count);
    const rows = Math.ceil(count / tiles / rowStep) * rowStep;
    const { inputs, outputs, after } = feeds(-1, tiles, rows);
    await runNetwork(inputs, outputs);
    arena.scatter(slots, offset, count, after);
  }

  /** How many rows go next: of a run of neighbours that fills a tile what makes tiles of the same size, or what can be gathered. */
  function nextCount(neighbours: number, left: number): number {
    if (neighbours < tileRows) return Math.min(gatheredRows, left);
    const rows = Math.min(mostRows, neighbours);
    return rows - (rows % tilesFor(rows));
  }

  return {
    async run(slots, inputs, predictions, offset, end) {
      const neighbours = runLength(slots, offset, end);
      const count = nextCount(neighbours, end - offset);
      reserve(count);
      for (let row = 0; row < count; row++) x[row] = inputs[offset + row]!;
      if (count <= neighbours) await runInPlace(slots[offset]!, count);
      else await runGathered(slots, offset, count);
      for (let row = 0; row < count; row++) predictions[offset + row] = prediction[row]!;
      return count;
    },
  };
}

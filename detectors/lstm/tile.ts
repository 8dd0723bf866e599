import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node';
import { stateFloats, stateTensors } from './network.ts';

/** Rows that go through the network at once: measured best among 64 to 2,048, since states and gates stay in the L2 cache. */
export const tileRows = 256;
/** Smaller tiles come in multiples of this; rows over are computed and thrown away. */
const rowStep = 16;

interface TileFeeds {
  readonly inputs: InferenceSession.OnnxValueMapType;
  readonly outputs: InferenceSession.OnnxValueMapType;
}

/**
 * Buffers of one tile, and tensors over them made once for every row count in use: a step gathers states from the arena,
 * runs the session on the same memory every time and scatters the new states back.
 */
export interface Tile {
  /** Runs `count` <= tileRows series, at `offset` of the columns; resolves when arena and predictions are written. */
  run(
    arena: Float32Array,
    slots: Uint32Array,
    inputs: Float32Array,
    predictions: Float32Array,
    offset: number,
    count: number,
  ): Promise<void>;
}

type CreateTensor = (data: Float32Array, shape: readonly number[]) => TypedTensor<'float32'>;

export function createTile(session: InferenceSession, createTensor: CreateTensor): Tile {
  const x = new Float32Array(tileRows);
  const prediction = new Float32Array(tileRows);
  const before = stateTensors.map(({ units }) => new Float32Array(tileRows * units));
  const after = stateTensors.map(({ units }) => new Float32Array(tileRows * units));
  const feedsOf = new Map<number, TileFeeds>();

  function feeds(rows: number): TileFeeds {
    const known = feedsOf.get(rows);
    if (known !== undefined) return known;
    const inputs: Record<string, Tensor> = { x: createTensor(x.subarray(0, rows), [rows, 1]) };
    const outputs: Record<string, Tensor> = { prediction: createTensor(prediction.subarray(0, rows), [rows, 1]) };
    for (const [index, { name, units }] of stateTensors.entries()) {
      inputs[name] = createTensor(before[index]!.subarray(0, rows * units), [rows, units]);
      outputs[`${name}_next`] = createTensor(after[index]!.subarray(0, rows * units), [rows, units]);
    }
    const made = { inputs, outputs };
    feedsOf.set(rows, made);
    return made;
  }

  return {
    async run(arena, slots, inputs, predictions, offset, count) {
      for (let row = 0; row < count; row++) x[row] = inputs[offset + row]!;
      let part = 0;
      for (let index = 0; index < stateTensors.length; index++) {
        const units = stateTensors[index]!.units;
        gather(arena, slots, offset, count, part, units, before[index]!);
        part += units;
      }
      const { inputs: fed, outputs } = feeds(Math.ceil(count / rowStep) * rowStep);
      await session.run(fed, outputs);
      part = 0;
      for (let index = 0; index < stateTensors.length; index++) {
        const units = stateTensors[index]!.units;
        scatter(arena, slots, offset, count, part, units, after[index]!);
        part += units;
      }
      for (let row = 0; row < count; row++) predictions[offset + row] = prediction[row]!;
    },
  };
}

function gather(
  arena: Float32Array,
  slots: Uint32Array,
  offset: number,
  count: number,
  part: number,
  units: number,
  rows: Float32Array,
): void {
  let to = 0;
  for (let row = 0; row < count; row++) {
    const from = slots[offset + row]! * stateFloats + part;
    for (let unit = 0; unit < units; unit++) rows[to++] = arena[from + unit]!;
  }
}

function scatter(
  arena: Float32Array,
  slots: Uint32Array,
  offset: number,
  count: number,
  part: number,
  units: number,
  rows: Float32Array,
): void {
  let from = 0;
  for (let row = 0; row < count; row++) {
    const to = slots[offset + row]! * stateFloats + part;
    for (let unit = 0; unit < units; unit++) arena[to + unit] = rows[from++]!;
  }
}

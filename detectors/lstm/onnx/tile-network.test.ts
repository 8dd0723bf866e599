import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { nextOf, stateParts } from '../network.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { type CellForm, exportNetwork } from './export-network.ts';
import { tileNetwork, tilesOf } from './tile-network.ts';

const tensors = [{ name: 'x', units: 1 }, ...stateParts];
const tiles = 5;
const rows = 37;

type Name = (name: string) => string;

/** One step of each tile, its states read from and written over `states`; the predictions. */
async function step(
  session: InferenceSession,
  name: Name,
  states: readonly Float32Array[],
  shape: readonly number[],
  at: number,
): Promise<Float32Array> {
  const size = shape.reduce((product, side) => product * side, 1);
  const predictions = new Float32Array(size);
  const feeds: Record<string, Tensor> = {};
  const fetches: Record<string, Tensor> = {};
  for (const [part, tensor] of tensors.entries()) {
    const data = states[part]!.subarray(at * tensor.units, (at + size) * tensor.units);
    feeds[name(tensor.name)] = new Tensor('float32', data, [...shape, tensor.units]);
    if (part > 0) fetches[name(nextOf(tensor.name))] = feeds[name(tensor.name)]!;
  }
  fetches[name('prediction')] = new Tensor('float32', predictions, [...shape, 1]);
  await session.run(feeds, fetches);
  return predictions;
}

describe.each<CellForm>(['gemm', 'operator'])('a network over tiles in one call, cells as %s', (form) => {
  test.each(['disabled', 'basic', 'extended', 'all'] as const)(
    'gives to the bit what it gives tile by tile, states written over those they follow; graph optimisation %s',
    async (graphOptimizationLevel) => {
      const options = { graphOptimizationLevel, intraOpNumThreads: 1 };
      const file = exportNetwork(randomWeights(3), form);
      const plain = await InferenceSession.create(file, options);
      const tiled = await InferenceSession.create(tileNetwork(file), options);
      const random = createRandom(3);
      const states = tensors.map(({ units }) =>
        Float32Array.from({ length: tiles * rows * units }, () => random() - 0.5),
      );
      const copies = states.map((part) => part.slice());
      for (let point = 0; point < 3; point += 1) {
        const together = await step(tiled, tilesOf, states, [tiles, rows], 0);
        for (let tile = 0; tile < tiles; tile += 1) {
          const alone = await step(plain, (name) => name, copies, [rows], tile * rows);
          expect(together.subarray(tile * rows, (tile + 1) * rows)).toEqual(alone);
        }
        expect(states).toEqual(copies);
      }
      await Promise.all([plain.release(), tiled.release()]);
    },
  );
});

test('bytes that are no model are refused', () => {
  expect(() => tileNetwork(Uint8Array.of(255, 255))).toThrow(RangeError);
});

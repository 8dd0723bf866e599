import fc from 'fast-check';
import type { TypedTensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { nextOf, stateParts } from './network.ts';
import { createNetworkRows, gatheredRows, type NetworkRun } from './network-rows.ts';
import { tilesOf } from './onnx/tile-network.ts';
import type { Tensors } from './run-into.ts';
import { createStateArena } from './state-arena.ts';
import type { States } from './state-plane.ts';

type Floats = TypedTensor<'float32'>;

/** Counts points in a series' first float, and forecasts x and what it has counted. */
function createCountingNetwork(): { readonly run: NetworkRun; readonly calls: number[][] } {
  const calls: number[][] = [];
  const of = (tensors: Tensors, name: string): Floats => tensors[tilesOf(name)] as Floats;
  return {
    calls,
    async run(inputs, outputs) {
      const [tiles, rows] = of(inputs, 'x').dims;
      calls.push([tiles!, rows!]);
      for (const { name, units } of stateParts) {
        expect(of(inputs, name).dims).toEqual([tiles, rows, units]);
        expect(of(inputs, name).data.length).toBe(tiles! * rows! * units);
      }
      const { units } = stateParts[0];
      for (let row = 0; row < tiles! * rows!; row += 1) {
        const counted = of(inputs, 'h1').data[row * units]! + 1;
        of(outputs, 'prediction').data[row] = of(inputs, 'x').data[row]! + counted / 10;
        of(outputs, nextOf('h1')).data[row * units] = counted;
      }
    },
  };
}

function createRows(slots: number) {
  const network = createCountingNetwork();
  const arena = createStateArena(
    stateParts.map(({ units }) => ({ units, ofBytes: false })),
    gatheredRows,
  );
  arena.ensure(slots);
  const createTensor = (data: States, dims: readonly number[]) => ({ data, dims }) as unknown as Floats;
  const rows = createNetworkRows(network.run, arena, createTensor, 'int8');
  async function step(slotsOfStep: Uint32Array): Promise<Float32Array> {
    const count = slotsOfStep.length;
    const inputs = Float32Array.from(slotsOfStep, (slot) => slot);
    const predictions = new Float32Array(count);
    for (let at = 0; at < count; ) at += await rows.run(slotsOfStep, inputs, predictions, at, count);
    return predictions;
  }
  return { step, calls: network.calls };
}

test('each series is run once a step, whatever runs of neighbours there are', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 2600 }), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(lengths, async (runs) => {
      const slots: number[] = [];
      let next = 0;
      for (const length of runs) {
        for (let slot = 0; slot < length; slot += 1) slots.push(next++);
        next += 1;
      }
      const { step } = createRows(next);
      for (const points of [1, 2]) {
        const predictions = await step(Uint32Array.from(slots));
        for (const [row, prediction] of predictions.entries()) {
          if (Math.abs(prediction - slots[row]! - points / 10) > 1e-3) expect([row, prediction]).toEqual([]);
        }
      }
    }),
    { numRuns: 25 },
  );
});

test.each([
  [10_000, [[20, 500]]],
  [1000, [[2, 500]]],
  // Fewer than its tiles are over.
  [
    2017,
    [
      [5, 403],
      [1, 2],
    ],
  ],
  [
    20_000,
    [
      [32, 504],
      [8, 484],
    ],
  ],
])(
  'of %i neighbours tiles of the same size go in one call, and what is over beside the arena',
  async (count, expected) => {
    const { step, calls } = createRows(count);
    await step(Uint32Array.from({ length: count }, (_, slot) => slot));
    expect(calls).toEqual(expected);
  },
);

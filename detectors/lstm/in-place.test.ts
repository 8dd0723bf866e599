import fc from 'fast-check';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { nextOf, stateParts } from './network.ts';
import { type CellForm, exportNetwork } from './onnx/export-network.ts';
import { randomWeights } from './testing/random-weights.ts';

const everyLevel = ['disabled', 'basic', 'extended', 'all'] as const;

/** Three steps from random states; returns predictions and states after the last. */
async function steps(session: InferenceSession, rows: number, seed: number, inPlace: boolean): Promise<Float32Array[]> {
  const random = createRandom(seed);
  const floats = (length: number): Float32Array => Float32Array.from({ length }, () => random() * 2 - 1);
  let states = stateParts.map(({ units }) => floats(rows * units));
  const predictions = new Float32Array(rows);
  for (let step = 0; step < 3; step++) {
    const after = inPlace ? states : states.map((part) => new Float32Array(part.length));
    const feeds: Record<string, Tensor> = { x: new Tensor('float32', floats(rows), [rows, 1]) };
    const fetches: Record<string, Tensor> = { prediction: new Tensor('float32', predictions, [rows, 1]) };
    for (const [part, { name, units }] of stateParts.entries()) {
      feeds[name] = new Tensor('float32', states[part]!, [rows, units]);
      fetches[nextOf(name)] = new Tensor('float32', after[part]!, [rows, units]);
    }
    await session.run(feeds, fetches);
    states = after;
  }
  return [predictions, ...states];
}

/** Which optimisation ONNX Runtime applies decides how it orders nodes and what memory they share: none may matter. */
describe.each<CellForm>(['gemm', 'operator'])('new states written over those they follow, cells as %s', (form) => {
  test.each(everyLevel)('are, to the bit, those written elsewhere; graph optimisation %s', async (level) => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 300 }), async (seed, rows) => {
        const session = await InferenceSession.create(exportNetwork(randomWeights(seed + 1), form), {
          graphOptimizationLevel: level,
          intraOpNumThreads: 1,
        });
        expect(await steps(session, rows, seed, true)).toEqual(await steps(session, rows, seed, false));
        await session.release();
      }),
      { numRuns: 4 },
    );
  });
});

import { rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, test } from 'vitest';
import { loadForecastModel } from '../load-forecast-model.ts';
import { networkShape } from '../network.ts';
import { randomWeights } from '../testing/random-weights.ts';
import { writeModel } from '../testing/write-model.ts';
import { exportNetwork } from './export-network.ts';
import { restState } from './rest-state.ts';

test('at rest are the hidden states that the network itself comes to', async () => {
  const weights = randomWeights(9);
  const path = await writeModel(exportNetwork(weights, 'gemm'));
  const model = await loadForecastModel({ path, threads: 1 });
  model.ensure(1);
  for (let point = 0; point < 200; point += 1) {
    await model.step(Uint32Array.of(0), new Float32Array(1), 1, new Float32Array(1));
  }
  const saved = model.save(1);
  const state = new Float32Array(saved.slice(32).buffer);
  const { first, second } = restState(weights);
  const secondAt = 2 * networkShape.firstUnits;
  for (const [unit, hidden] of first.entries()) expect(hidden).toBeCloseTo(state[unit]!, 4);
  for (const [unit, hidden] of second.entries()) expect(hidden).toBeCloseTo(state[secondAt + unit]!, 4);
  await model.close();
  await rm(dirname(path), { recursive: true });
});

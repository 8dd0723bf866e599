import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createRandom } from '../../../model/index.ts';
import { readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { createTrainingNetwork } from './network.ts';
import { normaliseSeries } from './normalised-series.ts';
import { loadWasm } from './tensorflow.ts';
import { createTrainer } from './trainer.ts';
import { drawWindows } from './windows.ts';

const { tf } = await loadWasm();
const wave = normaliseSeries(Float64Array.from({ length: 1200 }, (_, at) => Math.sin(at / 5)));
const windows = drawWindows([{ name: 'wave', share: 1, series: [wave] }], 'training', 4, createRandom(1));
const folder = await mkdtemp(join(tmpdir(), 'kybern-train-'));
afterAll(() => rm(folder, { recursive: true }));

const say = (): void => {};

test('training lowers the loss, and goes on from a checkpoint as if it had not been stopped', async () => {
  const path = join(folder, 'deep/checkpoint.json');
  const network = createTrainingNetwork(tf, 1);
  const trainer = createTrainer(tf, network, 1, 2);
  const before = await trainer.loss(windows);
  await trainer.epoch(windows, 1, say);
  const best = { epoch: 1, loss: 0.5, weights: network.weights() };
  const optimizer = await trainer.optimizer();
  await writeCheckpoint(path, { run: 'one', epoch: 1, spentMs: 7, weights: network.weights(), optimizer, best });
  await trainer.epoch(windows, 2, say);
  expect(await trainer.loss(windows)).toBeLessThan(before);

  expect(await readCheckpoint(path, 'another')).toBeUndefined();
  const found = await readCheckpoint(path, 'one');
  expect(found).toEqual({ run: 'one', epoch: 1, spentMs: 7, weights: best.weights, optimizer, best });
  const resumed = createTrainingNetwork(tf, 99);
  const goingOn = createTrainer(tf, resumed, 1, 2);
  resumed.setWeights(found!.weights);
  await goingOn.setOptimizer(found!.optimizer);
  await goingOn.epoch(windows, 2, say);
  expect(resumed.weights()).toEqual(network.weights());
});

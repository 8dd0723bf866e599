import { writeFile } from 'node:fs/promises';
import { createRandom } from '../../../model/index.ts';
import { forgetCheckpoint, readCheckpoint, writeCheckpoint } from './checkpoint.ts';
import { evaluateServed } from './evaluate.ts';
import { renderModelCard } from './model-card.ts';
import { createTrainingNetwork } from './network.ts';
import { readOptions, type TrainOptions, usage } from './options.ts';
import { clockTime, createProgress } from './progress.ts';
import { fitRidge } from './ridge.ts';
import { cardPath, saveModel } from './save-model.ts';
import { trainingWorlds } from './simulator-series.ts';
import { loadTensorFlow } from './tensorflow.ts';
import { createTrainer } from './trainer.ts';
import { loadTrainingData } from './training-data.ts';
import { drawWindows } from './windows.ts';

/** Epochs without a better validation loss before the run ends. */
const patience = 5;
/** Judge and baseline draw with seeds of their own, so that every run meets the same windows. */
const judgeSeed = 4242;
const ridgeWindows = 30_000;
const ridgePenalty = 10;

const options = readOptions(process.argv.slice(2), process.env);
if (options === undefined) console.log(usage);
else await train(options);

async function train(options: TrainOptions): Promise<void> {
  const startMs = performance.now();
  const { tf, backend } = await loadTensorFlow();
  const worlds = trainingWorlds(options.worldHours);
  const sources = await loadTrainingData(options.datasetsPath, options.seed, worlds);
  console.log(`TensorFlow.js ${tf.version_core} on ${backend}, seed ${options.seed}`);
  if (sources.length === 2) console.log(`No public series in ${options.datasetsPath}: training on our own alone.`);
  console.log(`Series: ${sources.map(({ name, series }) => `${name} ${series.length}`).join(', ')}`);

  const validation = drawWindows(sources, 'validation', options.quick ? 1024 : 6000, createRandom(judgeSeed));
  const network = createTrainingNetwork(tf, options.seed);
  const trainer = createTrainer(tf, network, options.seed, options.epochs);

  const run = JSON.stringify([options.seed, options.epochs, options.windowsPerEpoch, sources.map(({ name }) => name)]);
  const found = options.fresh ? undefined : await readCheckpoint(options.checkpoint, run);
  const spentMs = (): number => (found?.spentMs ?? 0) + performance.now() - startMs;
  let best = { epoch: 0, loss: Number.POSITIVE_INFINITY, weights: network.weights() };
  if (found !== undefined) {
    network.setWeights(found.weights);
    await trainer.setOptimizer(found.optimizer);
    best = found.best;
    console.log(`Going on after epoch ${found.epoch} of a run that was stopped (--fresh to begin anew).`);
  }

  const whole = options.epochs * options.windowsPerEpoch;
  const firstEpoch = (found?.epoch ?? 0) + 1;
  const progress = createProgress('training', whole, (firstEpoch - 1) * options.windowsPerEpoch);
  for (let epoch = firstEpoch; epoch <= options.epochs && epoch - best.epoch <= patience; epoch++) {
    const windows = drawWindows(
      sources,
      'training',
      options.windowsPerEpoch,
      createRandom(options.seed * 100_003 + epoch),
    );
    const loss = await trainer.epoch(windows, epoch, (done, running) =>
      progress.show((epoch - 1) * options.windowsPerEpoch + done, `epoch ${epoch}  loss ${running.toFixed(5)}`),
    );
    const validationLoss = await trainer.loss(validation);
    const better = validationLoss < best.loss;
    if (better) best = { epoch, loss: validationLoss, weights: network.weights() };
    progress.end();
    console.log(
      `epoch ${String(epoch).padStart(3)}  loss ${loss.toFixed(5)}  validation ${validationLoss.toFixed(5)}${better ? '  best' : ''}  ${clockTime(spentMs())}`,
    );
    await writeCheckpoint(options.checkpoint, {
      run,
      epoch,
      spentMs: spentMs(),
      weights: network.weights(),
      optimizer: await trainer.optimizer(),
      best,
    });
  }

  const sha256 = await saveModel(options.out, best.weights);
  const training = drawWindows(sources, 'training', ridgeWindows, createRandom(judgeSeed + 1));
  const errors = await evaluateServed(options.out, sources, fitRidge(training, ridgePenalty));
  const card = renderModelCard({
    sha256,
    date: new Date().toISOString().slice(0, 10),
    seed: options.seed,
    backend,
    epochs: options.epochs,
    bestEpoch: best.epoch,
    windowsPerEpoch: options.windowsPerEpoch,
    minutes: spentMs() / 60_000,
    validationLoss: best.loss,
    sources,
    worlds,
    errors,
  });
  await writeFile(cardPath(options.out), card);
  await forgetCheckpoint(options.checkpoint);
  for (const { source, network: lstm, ridge, lastValue } of errors) {
    console.log(
      `${source.padEnd(14)} error ${lstm.toFixed(4)}   ridge ${ridge.toFixed(4)}   last value ${lastValue.toFixed(4)}`,
    );
  }
  console.log(`Written: ${options.out} (SHA-256 ${sha256.slice(0, 12)}…) in ${clockTime(spentMs())}`);
}

import { readFile } from 'node:fs/promises';
import { createRandom, type HeldOutErrors, type TrainedOn } from '../../../model/index.ts';
import { type ForecastWeights, forecastWindow, readWeights } from '../index.ts';
import { readCheckpoint, writeCheckpoint } from '../train/checkpoint.ts';
import { createTrainingNetwork } from '../train/network.ts';
import { parityError, parityLimit } from '../train/parity.ts';
import { saveModel } from '../train/save-model.ts';
import type { LoadedTensorFlow } from '../train/tensorflow.ts';
import { createTrainer } from '../train/trainer.ts';
import { seriesIn } from '../train/training-series.ts';
import { drawWindows } from '../train/windows.ts';
import { judgeHeldOut } from './judge-held-out.ts';
import { prepareSeries } from './prepare-series.ts';
import type { TrainingFolder, TrainingJob } from './training-folder.ts';

/** A network that knows series already learns more carefully than one that knows nothing. */
const learningRates = { first: 1e-3, last: 1e-4 };
const batchSize = 32;
/** Epochs without a better validation loss before the run ends. */
const patience = 3;
const windowsPerEpoch = { least: 128, most: 4096 };
const validationWindows = { least: 64, most: 1024 };
/** How often an epoch meets a point, where the history is short. */
const passes = 2;
const parityWindows = 40;
/** Validation draws with a seed of its own, so that every epoch meets the same windows. */
const validationSeed = 4243;

export interface TrainingProgress {
  readonly state: 'training' | 'judging';
  readonly epoch: number;
  readonly of: number;
  /** Share of all epochs that is done. */
  readonly done: number;
  /** Loss on the validation part after the latest epoch; NaN before. */
  readonly loss: number;
}

/** Told after every piece of work of some hundred milliseconds and waited for; rejects where the run is to end. */
export type Turn = (progress: TrainingProgress) => Promise<void>;

export type TrainingOutcome =
  | {
      readonly outcome: 'made';
      readonly sha256: string;
      readonly heldOut: HeldOutErrors;
      readonly trainedOn: TrainedOn;
      readonly backend: string;
    }
  | { readonly outcome: 'nothing'; readonly reason: string };

export interface FineTuning {
  readonly job: TrainingJob;
  readonly folder: TrainingFolder;
  /** The model that serves. */
  readonly servingPath: string;
  /** What is gone on from where the serving model is of a form that cannot be read back. */
  readonly shippedPath: string;
  readonly load: () => Promise<LoadedTensorFlow>;
  readonly turn: Turn;
}

/**
 * Trains the serving network on with a class's own history and writes the candidate into the folder. The first 70 % of
 * every series' time train, the next 15 % decide when to stop and which epoch is kept, the last 15 % give the errors.
 * Ends without a candidate where the history is too short, or where no epoch was better on validation than the network
 * it went on from.
 */
export async function fineTune(deps: FineTuning): Promise<TrainingOutcome> {
  const { job, folder, turn } = deps;
  let progress: TrainingProgress = { state: 'training', epoch: 1, of: job.epochs, done: 0, loss: Number.NaN };
  const pause = () => turn(progress);
  const { series, trainedOn } = await prepareSeries(await folder.history(), pause);
  if (seriesIn(series, 'heldOut').length === 0) {
    return {
      outcome: 'nothing',
      reason: `no series has ${8 * forecastWindow} points that move without a long gap; ${trainedOn.series} are shorter`,
    };
  }
  const { tf, backend } = await deps.load();
  await pause();
  const sources = [{ name: 'history', share: 1, series }];
  const windows = trainedOn.points / forecastWindow;
  const perEpoch = within(windowsPerEpoch, passes * windows);
  const network = createTrainingNetwork(tf, job.seed);
  const trainer = createTrainer(tf, network, job.seed, job.epochs, batchSize, learningRates);
  const validation = drawWindows(
    sources,
    'validation',
    within(validationWindows, windows),
    createRandom(validationSeed),
  );

  const run = JSON.stringify(job, ['class', 'parent', 'seed', 'epochs', 'startedMs']);
  const found = await readCheckpoint(folder.checkpoint, run);
  let best: { epoch: number; loss: number; weights: ForecastWeights };
  if (found === undefined) {
    const weights = await weightsToGoOnFrom(deps.servingPath, deps.shippedPath);
    network.setWeights(weights);
    best = { epoch: 0, loss: await trainer.loss(validation, pause), weights };
  } else {
    network.setWeights(found.weights);
    await trainer.setOptimizer(found.optimizer);
    best = found.best;
  }
  for (let epoch = (found?.epoch ?? 0) + 1; epoch <= job.epochs && epoch - best.epoch <= patience; epoch++) {
    const drawn = drawWindows(sources, 'training', perEpoch, createRandom(job.seed * 100_003 + epoch));
    await trainer.epoch(drawn, epoch, (done) => {
      progress = { ...progress, epoch, done: (epoch - 1 + done / perEpoch) / job.epochs };
      return pause();
    });
    const loss = await trainer.loss(validation, pause);
    progress = { ...progress, loss };
    if (loss < best.loss) best = { epoch, loss, weights: network.weights() };
    await writeCheckpoint(folder.checkpoint, {
      run,
      epoch,
      spentMs: 0,
      weights: network.weights(),
      optimizer: await trainer.optimizer(),
      best,
    });
  }
  if (best.epoch === 0)
    return { outcome: 'nothing', reason: 'no epoch foretold the validation part better than before' };

  progress = { ...progress, state: 'judging', done: 1 };
  await pause();
  const sha256 = await saveModel(folder.candidate, best.weights);
  const { inputs } = drawWindows(sources, 'heldOut', parityWindows, createRandom(job.seed));
  const apart = await parityError(tf, best.weights, folder.candidate, inputs);
  if (!(apart <= parityLimit)) {
    return { outcome: 'nothing', reason: `the exported model forecasts up to ${apart} apart from the trained one` };
  }
  const heldOut = await judgeHeldOut(series, folder.candidate, deps.servingPath, pause);
  return { outcome: 'made', sha256, heldOut: heldOut!, trainedOn, backend };
}

function within({ least, most }: { readonly least: number; readonly most: number }, wanted: number): number {
  return Math.round(Math.max(least, Math.min(most, wanted)));
}

async function weightsToGoOnFrom(servingPath: string, shippedPath: string): Promise<ForecastWeights> {
  try {
    return readWeights(await readFile(servingPath));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return readWeights(await readFile(shippedPath));
  }
}

import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { KybernError } from '../../../model/index.ts';
import { loadTensorFlow, loadWasm } from '../train/tensorflow.ts';
import { fineTune, type TrainingProgress } from './fine-tune.ts';
import { judgeHeldOut } from './judge-held-out.ts';
import { prepareSeries } from './prepare-series.ts';
import { openTrainingFolder } from './training-folder.ts';
import type { JudgeOutcome, TrainingMessage, TrainingThreadData } from './training-messages.ts';

// A thread of its own for training, which takes its time: after each piece of work it waits to be told to go on.
const data = workerData as TrainingThreadData;
const port = parentPort!;
let resume = (): void => {};
port.on('message', () => resume());

function tell(message: TrainingMessage): void {
  port.postMessage(message);
}

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

async function turn(progress: TrainingProgress | undefined): Promise<void> {
  const told = Promise.withResolvers<void>();
  resume = told.resolve;
  tell({ message: 'turn', progress, cpuMs: cpuMs() });
  await told.promise;
}

/** Whatever else the program does comes first, unless it is wanted otherwise. Linux has priorities by thread; elsewhere the budget alone must do. */
function stepBack(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, data.nice);
  } catch {
    // Not on Linux, or not allowed.
  }
}

async function judge(task: Extract<TrainingThreadData, { task: 'judge' }>): Promise<JudgeOutcome> {
  const pause = () => turn(undefined);
  const { series, trainedOn } = await prepareSeries(task.series, pause);
  const heldOut = await judgeHeldOut(series, task.candidatePath, task.servingPath, pause);
  return heldOut === undefined
    ? { outcome: 'nothing', reason: 'there is too little history' }
    : { outcome: 'judged', heldOut, trainedOn };
}

try {
  stepBack();
  const outcome =
    data.task === 'judge'
      ? await judge(data)
      : await fineTune({
          ...data,
          folder: openTrainingFolder(data.folder),
          load: data.backend === 'wasm' ? loadWasm : loadTensorFlow,
          turn,
        });
  tell({ message: 'done', outcome, cpuMs: cpuMs() });
} catch (error) {
  const code = error instanceof KybernError ? error.code : 'KYBERN_INTERNAL';
  tell({ message: 'failed', code, detail: error instanceof Error ? error.message : String(error) });
}
port.close();

import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type ErrorCode, errorCatalog, KybernError } from '../../../model/index.ts';
import type { CpuPace } from './cpu-pace.ts';
import type { TrainingProgress } from './fine-tune.ts';
import { goOn, type TrainingMessage, type TrainingThreadData } from './training-messages.ts';

export type ThreadOutcome = Extract<TrainingMessage, { message: 'done' }>['outcome'];

const threadLimits = { maxOldGenerationSizeMb: 1024 };

/**
 * Runs a task in a thread of its own at the given pace. `report` is told how it stands after each piece of work, with
 * the processor time used so far. Undefined where the signal aborted before it was done; the thread is gone then.
 */
export async function runTraining(
  workerData: TrainingThreadData,
  pace: CpuPace,
  signal: AbortSignal,
  report: (cpuMs: number, progress: TrainingProgress | undefined) => void = () => {},
): Promise<ThreadOutcome | undefined> {
  if (signal.aborted) return undefined;
  const ended = Promise.withResolvers<ThreadOutcome | undefined>();
  // The same extension as this file: sources are run as they are, the package holds JavaScript.
  const thread = new Worker(new URL(`./training-thread${extname(import.meta.url)}`, import.meta.url), {
    workerData,
    resourceLimits: threadLimits,
  });
  // It must not keep a program alive that has nothing else to do.
  thread.unref();
  const abort = () => ended.resolve(undefined);
  signal.addEventListener('abort', abort, { once: true });

  async function rest(cpuMs: number): Promise<void> {
    if (await pace.rest(cpuMs, signal)) thread.postMessage(goOn);
  }

  thread.on('message', (message: TrainingMessage) => {
    if (message.message === 'failed') ended.reject(new KybernError(codeOf(message.code), message.detail));
    else if (message.message === 'done') {
      report(message.cpuMs, undefined);
      ended.resolve(message.outcome);
    } else {
      report(message.cpuMs, message.progress);
      rest(message.cpuMs).catch(ended.reject);
    }
  });
  thread.on('error', (cause) => ended.reject(new KybernError('KYBERN_INTERNAL', 'training broke off', { cause })));
  thread.on('exit', () => ended.reject(new KybernError('KYBERN_INTERNAL', 'the training thread ended by itself')));
  try {
    return await ended.promise;
  } finally {
    signal.removeEventListener('abort', abort);
    await thread.terminate();
  }
}

function codeOf(code: string): ErrorCode {
  return code in errorCatalog ? (code as ErrorCode) : 'KYBERN_INTERNAL';
}

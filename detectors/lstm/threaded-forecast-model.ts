import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KybernError } from '../../model/index.ts';
import { type ForecastModel, type ForecastModelOptions, forecastWindow } from './forecast-model.ts';
import { done, type ModelAnswer, type ModelCall, type ModelThreadData } from './model-thread-messages.ts';
import { stateFloats } from './network.ts';
import { savedBytes } from './state-codec.ts';

interface WaitingCall {
  readonly done: (answer: ModelAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * The forecasting network in a thread of its own, so that the next bodies are taken in while a tile is computed: the
 * network is about half of the work of a sample. Steps cost two copies of their columns more than in the same thread.
 * Rejects as {@link loadForecastModel} does.
 */
export async function loadThreadedForecastModel(options: ForecastModelOptions): Promise<ForecastModel> {
  const flag = new SharedArrayBuffer(4);
  const signal = new Int32Array(flag);
  const workerData: ModelThreadData = { options, flag };
  // The same extension as this file: sources are run as they are, the package holds JavaScript.
  const thread = new Worker(new URL(`./model-thread${extname(import.meta.url)}`, import.meta.url), { workerData });
  const waiting: WaitingCall[] = [];
  let ended: Error | undefined;

  function fail(error: Error): void {
    ended = error;
    for (const call of waiting.splice(0)) call.reject(error);
  }

  /** The program lives on while somebody waits for an answer, and only then. */
  function wait(call: WaitingCall): void {
    if (waiting.length === 0) thread.ref();
    waiting.push(call);
  }

  function send(call: ModelCall): void {
    if (ended !== undefined) throw ended;
    thread.postMessage(call);
  }

  /** Sends, and blocks until the thread has done all that was sent before and this. */
  function sendAndWait(call: ModelCall): boolean {
    Atomics.store(signal, 0, done.waiting);
    send(call);
    if (Atomics.wait(signal, 0, done.waiting, longestWaitMs) === 'timed-out') {
      throw new KybernError('KYBERN_MODEL', `the model's thread did not ${call.call} within ${longestWaitMs} ms`);
    }
    return Atomics.load(signal, 0) === done.yes;
  }

  const closed = Promise.withResolvers<void>();
  const loaded = Promise.withResolvers<string>();
  thread.on('message', (message: ModelAnswer) => {
    if (message.answer === 'loaded') loaded.resolve(message.sha256);
    else if (message.answer === 'failed') loaded.reject(new KybernError('KYBERN_MODEL', message.detail));
    else if (message.answer === 'closed') closed.resolve();
    else {
      waiting.shift()!.done(message);
      if (waiting.length === 0) thread.unref();
    }
  });
  thread.on('error', (error) => {
    const failure = error instanceof Error ? error : new Error(String(error));
    loaded.reject(failure);
    fail(failure);
  });
  thread.on('exit', () => {
    fail(new KybernError('KYBERN_MODEL', "the model's thread has ended"));
    closed.resolve();
  });
  const sha256 = await loaded.promise.catch(async (error: unknown) => {
    await thread.terminate();
    throw error;
  });
  // It must not keep a program alive that has nothing else to do.
  thread.unref();

  return {
    window: forecastWindow,
    sha256,
    step: (slots, inputs, count, predictions) =>
      new Promise((resolve, reject) => {
        send({ call: 'step', slots: slots.slice(0, count), inputs: inputs.slice(0, count) });
        wait({
          reject,
          done(answer) {
            if (answer.answer === 'stepped') predictions.set(answer.predictions);
            resolve();
          },
        });
      }),
    ensure: (slots) => send({ call: 'ensure', slots }),
    reset: (slot) => send({ call: 'reset', slot }),
    save(slots) {
      const into = new SharedArrayBuffer(savedBytes(slots, stateFloats));
      sendAndWait({ call: 'save', slots, into });
      return new Uint8Array(into);
    },
    saveSoon: (slots) =>
      new Promise((resolve, reject) => {
        send({ call: 'saveSoon', slots });
        wait({ reject, done: (answer) => answer.answer === 'saved' && resolve(answer.states) });
      }),
    load: (bytes) => sendAndWait({ call: 'load', bytes }),
    async close() {
      if (ended === undefined) {
        thread.ref();
        send({ call: 'close' });
        await closed.promise;
      }
      await thread.terminate();
    },
  };
}

const longestWaitMs = 60_000;

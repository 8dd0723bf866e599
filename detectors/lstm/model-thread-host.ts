import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { KybernError } from '../../model/index.ts';
import { type ForecastModel, forecastWindow } from './forecast-model.ts';
import type { HostOptions, ModelHost } from './model-host.ts';
import { done, type ModelAnswer, type ModelCall, type ModelThreadData } from './model-thread-messages.ts';
import { stateFloats } from './network.ts';
import { sharedBytes } from './shared-bytes.ts';
import { savedBytes } from './state-codec.ts';

interface WaitingCall {
  readonly done: (answer: ModelAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Networks in a thread of their own, so that the next bodies are taken in while a tile is computed: the network is about
 * half of the work of a sample. Steps cost two copies of their columns more than in the same thread.
 */
export function openModelThread(threads: number, { precision = 'float32', opened }: HostOptions = {}): ModelHost {
  const flag = new SharedArrayBuffer(4);
  const signal = new Int32Array(flag);
  const workerData: ModelThreadData = { threads, precision, flag };
  // The same extension as this file: sources are run as they are, the package holds JavaScript.
  const thread = new Worker(new URL(`./model-thread${extname(import.meta.url)}`, import.meta.url), { workerData });
  const waiting: WaitingCall[] = [];
  let models = 0;
  let ended: Error | undefined;

  function fail(error: Error): void {
    ended ??= error;
    for (const call of waiting.splice(0)) call.reject(error);
  }

  function send(call: ModelCall): void {
    if (ended !== undefined) throw ended;
    thread.postMessage(call);
  }

  /** Sends; `done` takes the answer. The program lives on while somebody waits for one, and only then. */
  function ask<T>(call: ModelCall, taken: (answer: ModelAnswer) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      send(call);
      if (waiting.length === 0) thread.ref();
      waiting.push({ reject, done: (answer) => resolve(taken(answer)) });
    });
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

  thread.on('message', (message: ModelAnswer) => {
    const call = waiting.shift()!;
    if (waiting.length === 0) thread.unref();
    if (message.answer === 'failed') call.reject(new KybernError('KYBERN_MODEL', message.detail));
    else call.done(message);
  });
  thread.on('error', (error) => fail(error instanceof Error ? error : new Error(String(error))));
  thread.on('exit', () => fail(new KybernError('KYBERN_MODEL', "the model's thread has ended")));
  // It must not keep a program alive that has nothing else to do.
  thread.unref();

  return {
    prepare: (path) =>
      ask({ call: 'prepare', path }, (answer) => {
        if (answer.answer !== 'prepared') return '';
        if (answer.form !== undefined) opened?.(answer.sha256, answer.form);
        return answer.sha256;
      }),
    open(first) {
      const model = models++;
      let sha256 = first;
      let isOpen = true;
      send({ call: 'open', model, sha256 });
      return {
        window: forecastWindow,
        get sha256() {
          return sha256;
        },
        step: (slots, inputs, count, predictions) =>
          ask({ call: 'step', model, slots: slots.slice(0, count), inputs: inputs.slice(0, count) }, (answer) => {
            if (answer.answer === 'stepped') predictions.set(answer.predictions);
          }),
        use(next) {
          send({ call: 'use', model, sha256: next });
          sha256 = next;
        },
        ensure: (slots) => send({ call: 'ensure', model, slots }),
        reset: (slot) => send({ call: 'reset', model, slot }),
        save(slots) {
          const into = new SharedArrayBuffer(savedBytes(slots, stateFloats));
          sendAndWait({ call: 'save', model, slots, into });
          return new Uint8Array(into);
        },
        savedBytes: (slots) => savedBytes(slots, stateFloats),
        saveSoon: (from, to) =>
          ask({ call: 'saveSoon', model, from, to }, (answer) =>
            answer.answer === 'saved' ? answer.states : new Uint8Array(0),
          ),
        load(bytes) {
          return sendAndWait({ call: 'load', model, bytes: sharedBytes(bytes) });
        },
        async close() {
          if (!isOpen || ended !== undefined) return;
          isOpen = false;
          send({ call: 'leave', model });
        },
      } satisfies ForecastModel;
    },
    async close() {
      if (ended === undefined) await ask({ call: 'close' }, () => {}).catch(() => {});
      await thread.terminate();
    },
  };
}

const longestWaitMs = 60_000;

import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './fuzz-loop.ts';
import type { WorkerOrder } from './run-target.ts';
import { fuzzSubjects } from './targets.ts';

// The thread that may hang: what it reads now lies in shared memory, where the other thread finds it.
const { target, seed, seconds, shared } = workerData as WorkerOrder;
const state = new Int32Array(shared, 0, 2);
const bytes = new Uint8Array(shared, state.byteLength);
const subject = fuzzSubjects().find(({ name }) => name === target)!;

const run = fuzz(subject, {
  seed,
  seconds,
  collect: globalThis.gc,
  begin(input) {
    bytes.set(input);
    state[1] = input.length;
    Atomics.add(state, 0, 1);
  },
  found: (finding) => parentPort?.postMessage({ finding }),
});
parentPort?.postMessage({ run });

import { Worker } from 'node:worker_threads';
import type { Finding, FuzzRun } from './fuzz-loop.ts';
import { mostBytes } from './mutate.ts';

export interface WorkerOrder {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  /** Executions begun, length of the input, then the input. */
  readonly shared: SharedArrayBuffer;
}

const hangSeconds = 20;

/** Fuzzes one target in a thread of its own, and gives up on a call that does not come back. */
export async function runTarget(
  order: Omit<WorkerOrder, 'shared'>,
): Promise<{ readonly run: FuzzRun | undefined; readonly findings: readonly Finding[] }> {
  const shared = new SharedArrayBuffer(8 + mostBytes);
  const state = new Int32Array(shared, 0, 2);
  const findings: Finding[] = [];
  let run: FuzzRun | undefined;
  const now = () => Uint8Array.from(new Uint8Array(shared, 8, state[1]));
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), {
    workerData: { ...order, shared },
    // What V8 would take for short-lived objects looks like growth.
    resourceLimits: { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1024 },
  });
  let seen = -1;
  let seenMs = performance.now();
  const watch = setInterval(() => {
    const begun = Atomics.load(state, 0);
    if (begun !== seen) {
      seen = begun;
      seenMs = performance.now();
    } else if (begun > 0 && performance.now() - seenMs > hangSeconds * 1000) {
      findings.push({ kind: 'hang', detail: `no end within ${hangSeconds} s`, input: now() });
      void worker.terminate();
    }
  }, 500);
  worker.on('message', (message: { finding?: Finding; run?: FuzzRun }) => {
    if (message.finding !== undefined) findings.push(message.finding);
    run = message.run ?? run;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.once('error', (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error);
        findings.push({ kind: 'memory', detail: 'out of memory', input: now() });
        resolve();
      });
      worker.once('exit', () => resolve());
    });
  } finally {
    clearInterval(watch);
  }
  return { run, findings };
}

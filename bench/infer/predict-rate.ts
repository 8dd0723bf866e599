import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Rate } from '../measure-rate.ts';
import type { Trials } from './onnx-rates.ts';

export type TensorFlowBackend = 'wasm' | 'tfjs-node';

/**
 * TensorFlow.js's `predict` on windows of 60, one thread, in a process of its own (its backends take over a process's
 * environment and memory). Undefined where the backend's library is not built.
 */
export async function predictRate(
  backend: TensorFlowBackend,
  batch: number,
  trials: Trials,
): Promise<Rate | undefined> {
  const child = spawn(
    process.execPath,
    [
      join(import.meta.dirname, 'predict-child.ts'),
      backend,
      String(batch),
      String(trials.trials),
      String(trials.seconds),
    ],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        TF_CPP_MIN_LOG_LEVEL: '3',
        TF_NUM_INTRAOP_THREADS: '1',
        TF_NUM_INTEROP_THREADS: '1',
        // On, which is what a user gets and is faster for predictions.
        TF_ENABLE_ONEDNN_OPTS: '1',
      },
    },
  );
  let output = '';
  for await (const chunk of child.stdout) output += String(chunk);
  const last = output.trim().split('\n').at(-1);
  if (last === undefined || last === '') throw new Error(`TensorFlow.js on ${backend} printed no rate`);
  return (JSON.parse(last) as Rate | null) ?? undefined;
}

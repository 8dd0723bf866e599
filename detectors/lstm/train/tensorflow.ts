import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import util from 'node:util';

export type TensorFlow = typeof import('@tensorflow/tfjs');

export interface LoadedTensorFlow {
  readonly tf: TensorFlow;
  readonly backend: 'tfjs-node' | 'wasm';
}

const require = createRequire(import.meta.url);

/** TensorFlow.js on its native backend where that loads, else on WebAssembly: the same interface and the same results. */
export async function loadTensorFlow(): Promise<LoadedTensorFlow> {
  return loadNative() ?? (await loadWasm());
}

/** Whether either can be found, by its packages alone: nothing is loaded. */
export function hasTensorFlow(): boolean {
  const isThere = (name: string): boolean => {
    try {
      require.resolve(name);
      return true;
    } catch {
      return false;
    }
  };
  return isThere('@tensorflow/tfjs-node') || (isThere('@tensorflow/tfjs') && isThere('@tensorflow/tfjs-backend-wasm'));
}

/** Undefined where the native addon is not built. */
export function loadNative(): LoadedTensorFlow | undefined {
  // tfjs-node 4.22 calls a function that Node 23 removed.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown): boolean => value === null || value === undefined,
  });
  // It also calls functions that Node calls deprecated, which is nothing that a user could change.
  if (process.noDeprecation !== true) process.noDeprecation = true;
  // One thread without oneDNN trains this small network fastest (measured); the log level silences its greeting.
  process.env.TF_ENABLE_ONEDNN_OPTS ??= '0';
  process.env.TF_NUM_INTRAOP_THREADS ??= '1';
  process.env.TF_NUM_INTEROP_THREADS ??= '1';
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '3';
  try {
    return { tf: require('@tensorflow/tfjs-node') as TensorFlow, backend: 'tfjs-node' };
  } catch {
    return undefined;
  }
}

export async function loadWasm(): Promise<LoadedTensorFlow> {
  const tf = require('@tensorflow/tfjs') as TensorFlow;
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(`${dirname(require.resolve('@tensorflow/tfjs-backend-wasm'))}/`);
  await tf.setBackend('wasm');
  return { tf, backend: 'wasm' };
}

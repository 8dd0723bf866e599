import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { KybernError } from '../../model/index.ts';
import { signatureProblems } from './check-signature.ts';
import { type ForecastModel, type ForecastModelOptions, forecastWindow } from './forecast-model.ts';
import { stateFloats } from './network.ts';
import { createStateArena } from './state-arena.ts';
import { decodeStates, encodeStates } from './state-codec.ts';
import { createTile, tileRows } from './tile.ts';

/** The model that is shipped: see `model/model-card.md`. */
export const shippedForecastModelPath = fileURLToPath(new URL('./model/forecast.onnx', import.meta.url));

/**
 * Loads the forecasting network into ONNX Runtime. Rejects with KYBERN_MODEL where the file or its checksum is missing,
 * they differ, or the network is not of the expected form.
 */
export async function loadForecastModel(options: ForecastModelOptions): Promise<ForecastModel> {
  const { bytes, sha256 } = await readVerified(options.path);
  const session = await openSession(bytes, options);
  const arena = createStateArena(stateFloats, tileRows);
  const tile = createTile(session, arena, (data, shape) => new Tensor('float32', data, shape));
  let running: Promise<void> = Promise.resolve();

  async function stepAll(
    slots: Uint32Array,
    inputs: Float32Array,
    count: number,
    predictions: Float32Array,
  ): Promise<void> {
    for (let offset = 0; offset < count; offset += tileRows) {
      await tile.run(slots, inputs, predictions, offset, Math.min(tileRows, count - offset));
    }
  }

  return {
    window: forecastWindow,
    sha256,
    step(slots, inputs, count, predictions) {
      const mine = running.then(() => stepAll(slots, inputs, count, predictions));
      running = mine.catch(() => {});
      return mine;
    },
    ensure: arena.ensure,
    reset: arena.reset,
    save: (slots) => encodeStates(sha256, arena.save(slots)),
    saveSoon: (slots) => running.then(() => encodeStates(sha256, arena.save(slots))),
    load(bytes) {
      const states = decodeStates(sha256, bytes, stateFloats);
      if (states !== undefined) arena.load(states);
      return states !== undefined;
    },
    close: () => running.then(() => session.release()),
  };
}

async function readVerified(path: string): Promise<{ readonly bytes: Uint8Array; readonly sha256: string }> {
  let bytes: Uint8Array;
  let expected: string;
  try {
    bytes = await readFile(path);
    expected = (await readFile(`${path}.sha256`, 'utf8')).trim().split(/\s/, 1)[0]!;
  } catch (cause) {
    throw new KybernError('KYBERN_MODEL', `${path} or ${path}.sha256 cannot be read`, { cause });
  }
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== expected) {
    throw new KybernError('KYBERN_MODEL', `${path} has SHA-256 ${sha256}, ${path}.sha256 says ${expected}`);
  }
  return { bytes, sha256 };
}

async function openSession(bytes: Uint8Array, { path, threads }: ForecastModelOptions): Promise<InferenceSession> {
  let session: InferenceSession;
  try {
    session = await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    throw new KybernError('KYBERN_MODEL', `${path} is not a model that ONNX Runtime can load`, { cause });
  }
  const problems = signatureProblems(session.inputMetadata, session.outputMetadata);
  if (problems.length > 0) {
    await session.release();
    throw new KybernError('KYBERN_MODEL', `${path} is not of the expected form: ${problems.join('; ')}`);
  }
  return session;
}

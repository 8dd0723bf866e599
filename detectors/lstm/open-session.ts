import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { KybernError } from '../../model/index.ts';
import { signatureProblems } from './check-signature.ts';
import type { ForecastModelOptions } from './forecast-model.ts';
import { tileNetwork } from './onnx/tile-network.ts';

/**
 * Opens a network in ONNX Runtime, over tiles of rows (`tileNetwork`). Rejects with KYBERN_MODEL where the file or its checksum
 * is missing, they differ, or the network is not of the expected form.
 */
export async function openVerifiedSession(
  options: ForecastModelOptions,
): Promise<{ readonly session: InferenceSession; readonly sha256: string }> {
  const { bytes, sha256 } = await readVerified(options.path);
  return { session: await openTiledSession(bytes, options), sha256 };
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

async function createSession(bytes: Uint8Array, { path, threads }: ForecastModelOptions): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(bytes, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
    });
  } catch (cause) {
    throw new KybernError('KYBERN_MODEL', `${path} is not a model that ONNX Runtime can load`, { cause });
  }
}

/** Opens a network from its bytes, over tiles of rows; `path` is what errors call it. Rejects with KYBERN_MODEL. */
export async function openTiledSession(bytes: Uint8Array, options: ForecastModelOptions): Promise<InferenceSession> {
  // Of what form it is shows only before it is a part of another graph.
  const session = await createSession(bytes, options);
  const problems = signatureProblems(session.inputMetadata, session.outputMetadata);
  await session.release();
  if (problems.length > 0) {
    throw new KybernError('KYBERN_MODEL', `${options.path} is not of the expected form: ${problems.join('; ')}`);
  }
  return createSession(tileNetwork(bytes), options);
}

import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InferenceSession } from 'onnxruntime-node';
import { KybernError } from '../../model/index.ts';
import { signatureProblems } from './check-signature.ts';
import { compareForms } from './compare-forms.ts';
import type { ForecastModelOptions } from './forecast-model.ts';
import { quantiseNetwork } from './onnx/quantise-network.ts';
import { tileNetwork } from './onnx/tile-network.ts';
import { type Apart, isWithin, type OpenedForm } from './precision.ts';

export interface OpenedSession {
  /** Over tiles of rows (`tileNetwork`). */
  readonly session: InferenceSession;
  readonly form: OpenedForm;
}

/**
 * Opens a network in ONNX Runtime. Rejects with KYBERN_MODEL where the file or its checksum is missing, they differ, or the
 * network is not of the expected form.
 */
export async function openVerifiedSession(
  options: ForecastModelOptions,
): Promise<OpenedSession & { readonly sha256: string }> {
  const { bytes, sha256 } = await readVerified(options.path);
  return { ...(await openTiledSession(bytes, options)), sha256 };
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

/** Opens a network from its bytes; `path` is what errors call it. Rejects with KYBERN_MODEL. */
export async function openTiledSession(bytes: Uint8Array, options: ForecastModelOptions): Promise<OpenedSession> {
  // Of what form it is shows only before it is a part of another graph.
  const file = await createSession(bytes, options);
  try {
    const problems = signatureProblems(file.inputMetadata, file.outputMetadata);
    if (problems.length > 0) {
      throw new KybernError('KYBERN_MODEL', `${options.path} is not of the expected form: ${problems.join('; ')}`);
    }
    const wantsInt8 = options.precision === 'int8';
    const rounded = wantsInt8 ? quantiseNetwork(bytes) : undefined;
    if (rounded === undefined) return await openAsIs(bytes, options, wantsInt8 ? 'other-graph' : 'asked');
    const session = await createSession(tileNetwork(rounded), options);
    const apart = await compareForms(file, session);
    if (isWithin(apart)) return { session, form: { precision: 'int8', reason: 'asked', apart } };
    await session.release();
    return await openAsIs(bytes, options, 'apart', apart);
  } finally {
    await file.release();
  }
}

async function openAsIs(
  bytes: Uint8Array,
  options: ForecastModelOptions,
  reason: OpenedForm['reason'],
  apart?: Apart,
): Promise<OpenedSession> {
  const session = await createSession(tileNetwork(bytes), options);
  return { session, form: { precision: 'float32', reason, ...(apart === undefined ? {} : { apart }) } };
}

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ForecastWeights } from '../index.ts';
import { decodeFloats, decodeWeights, type EncodedWeights, encodeFloats, encodeWeights } from './weights-json.ts';

/** All that a run needs to go on after its epoch `epoch`: the draws of an epoch depend on seed and epoch alone. */
export interface Checkpoint {
  /** What the run was asked for: another run does not go on from it. */
  readonly run: string;
  readonly epoch: number;
  /** Time spent on the run so far. */
  readonly spentMs: number;
  readonly weights: ForecastWeights;
  readonly optimizer: readonly OptimizerTensor[];
  readonly best: { readonly epoch: number; readonly loss: number; readonly weights: ForecastWeights };
}

export interface OptimizerTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface CheckpointFile {
  run: string;
  epoch: number;
  spentMs: number;
  weights: EncodedWeights;
  optimizer: { name: string; shape: number[]; values: string }[];
  best: { epoch: number; loss: number; weights: EncodedWeights };
}

/** Undefined where there is none, or it is of a run that was asked for something else. */
export async function readCheckpoint(path: string, run: string): Promise<Checkpoint | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
  const file = JSON.parse(text) as CheckpointFile;
  if (file.run !== run) return undefined;
  return {
    run,
    epoch: file.epoch,
    spentMs: file.spentMs,
    weights: decodeWeights(file.weights),
    optimizer: file.optimizer.map(({ name, shape, values }) => ({ name, shape, values: decodeFloats(values) })),
    best: { ...file.best, weights: decodeWeights(file.best.weights) },
  };
}

/** Replaces the file in one step, so that a run killed in the middle leaves the one before. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const { best, optimizer } = checkpoint;
  const file: CheckpointFile = {
    run: checkpoint.run,
    epoch: checkpoint.epoch,
    spentMs: checkpoint.spentMs,
    weights: encodeWeights(checkpoint.weights),
    optimizer: optimizer.map(({ name, shape, values }) => ({ name, shape: [...shape], values: encodeFloats(values) })),
    best: { ...best, weights: encodeWeights(best.weights) },
  };
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, JSON.stringify(file));
  await rename(`${path}.new`, path);
}

export async function forgetCheckpoint(path: string): Promise<void> {
  await rm(path, { force: true });
}

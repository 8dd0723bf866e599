import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { exportNetwork, type ForecastWeights } from '../index.ts';

/** Writes the ONNX file and its checksum; returns the SHA-256 in hex. */
export async function saveModel(path: string, weights: ForecastWeights): Promise<string> {
  const bytes = exportNetwork(weights, 'gemm');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
  await writeFile(`${path}.sha256`, `${sha256}  ${basename(path)}\n`);
  return sha256;
}

export function cardPath(modelPath: string): string {
  return join(dirname(modelPath), 'model-card.md');
}

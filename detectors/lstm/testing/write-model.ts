import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a model file and its checksum into a folder of its own and returns the model's path. */
export async function writeModel(bytes: Uint8Array): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kybern-model-'));
  const path = join(folder, 'forecast.onnx');
  await writeFile(path, bytes);
  await writeFile(`${path}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}  forecast.onnx\n`);
  return path;
}

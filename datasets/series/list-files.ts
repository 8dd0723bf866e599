import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { KybernError } from '../../model/index.ts';

/** Files below a folder whose name ends so, as paths relative to it, sorted. Rejects with KYBERN_DATASET. */
export async function listFiles(folder: string, ending: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { recursive: true });
    return entries.filter((entry) => entry.endsWith(ending)).sort();
  } catch (cause) {
    throw new KybernError('KYBERN_DATASET', `${join(folder)} cannot be listed`, { cause });
  }
}

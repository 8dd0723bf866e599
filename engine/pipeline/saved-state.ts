import { open } from 'node:fs/promises';
import { KybernError, type SavedState, type StateFiles } from '../../model/index.ts';

/** A state as it is found: in its file where there is one, else in memory. Rejects as the state files do. */
export function findState(stateFiles: StateFiles, name: string): Promise<SavedState | undefined> {
  return stateFiles.find === undefined ? stateFiles.get(name) : stateFiles.find(name);
}

/** So many bytes of a state, where it lies. */
export function stretchOf(saved: SavedState, at: number, length: number): SavedState {
  if (saved instanceof Uint8Array) return saved.subarray(at, at + length);
  return { path: saved.path, start: saved.start + at, length };
}

/** The whole of it in memory; shorter where its file is. Rejects with KYBERN_LOG_UNAVAILABLE where the file cannot be read. */
export async function bytesOf(saved: SavedState): Promise<Uint8Array> {
  if (saved instanceof Uint8Array) return saved;
  const { path, start, length } = saved;
  try {
    const file = await open(path, 'r');
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(length), 0, length, start);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw new KybernError('KYBERN_LOG_UNAVAILABLE', `${path}: ${String(cause)}`, { cause });
  }
}

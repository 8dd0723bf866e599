import { readFilePart } from '../../detectors/index.ts';
import type { SavedState, StateFiles } from '../../model/index.ts';

/** A state as it is found: in its file where there is one, else in memory. Rejects as the state files do. */
export function findState(stateFiles: StateFiles, name: string): Promise<SavedState | undefined> {
  return stateFiles.find === undefined ? stateFiles.get(name) : stateFiles.find(name);
}

/** So many bytes of a state, where it lies. */
export function stretchOf(saved: SavedState, at: number, length: number): SavedState {
  if (saved instanceof Uint8Array) return saved.subarray(at, at + length);
  return { path: saved.path, start: saved.start + at, length };
}

/** The whole of it in memory. Throws as {@link readFilePart} does. */
export function bytesOf(saved: SavedState): Uint8Array {
  if (saved instanceof Uint8Array) return saved;
  const bytes = new Uint8Array(saved.length);
  readFilePart(saved, 0, bytes);
  return bytes;
}

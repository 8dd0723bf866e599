import { open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type FilePart, KybernError, type StateDraft, type StateFiles } from '../../model/index.ts';
import { checkFramedFile } from './check-framed-file.ts';
import { makeDurableDirectory, syncDirectory } from './durable-directory.ts';
import { frameOfPieces } from './frame-of-pieces.ts';
import { openStateDraft } from './state-draft.ts';

/**
 * Named values in a folder, each in a file of its own. `put` writes a temporary file, syncs it, renames it and syncs the
 * folder: after a crash the old or the new value is there, whole. A file that fails its checksum is set aside as
 * `*.corrupt` and `get` and `find` then know no value; `onCorrupt` is told (KYBERN_LOG_CORRUPT).
 * Rejects with KYBERN_LOG_UNAVAILABLE when the disk does.
 */
export async function openStateFiles(directory: string, onCorrupt?: (error: KybernError) => void): Promise<StateFiles> {
  try {
    await makeDurableDirectory(directory);
    for (const name of await readdir(directory)) if (name.endsWith('.new')) await unlink(join(directory, name));
  } catch (error) {
    throw new KybernError('KYBERN_DATA_DIR', `${directory}: ${String(error)}`, { cause: error });
  }
  const writing = new Map<string, Promise<void>>();

  /** What `read` makes of a name's file; undefined where there is none, or it is damaged. */
  async function found<T>(name: string, read: (path: string) => Promise<T | undefined>): Promise<T | undefined> {
    const path = pathOf(directory, name);
    await writing.get(name)?.catch(() => {});
    try {
      const value = await read(path);
      if (value !== undefined) return value;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw unavailable(path, error);
    }
    await rename(path, `${path}.corrupt`);
    onCorrupt?.(new KybernError('KYBERN_LOG_CORRUPT', `${path} fails its checksum; set aside as *.corrupt`));
    return undefined;
  }

  const find = (name: string): Promise<FilePart | undefined> => found(name, checkFramedFile);
  const get = (name: string): Promise<Uint8Array | undefined> =>
    found(name, async (path) => {
      const part = await checkFramedFile(path);
      return part && (await readFile(path)).subarray(part.start);
    });

  // Writes of one name run one after the other, so that the last value put is the one that stays.
  async function put(name: string, value: Uint8Array | readonly Uint8Array[]): Promise<void> {
    const frame = frameOfPieces(value instanceof Uint8Array ? [value.slice()] : value);
    const before = writing.get(name) ?? Promise.resolve();
    const mine = before.catch(() => {}).then(() => replace(pathOf(directory, name), frame));
    writing.set(name, mine);
    try {
      await mine;
    } finally {
      if (writing.get(name) === mine) writing.delete(name);
    }
  }

  async function replace(path: string, frame: readonly Uint8Array[]): Promise<void> {
    try {
      const file = await open(`${path}.new`, 'w');
      try {
        // A piece at a time: each write is a turn of its own.
        for (const piece of frame) await file.writeFile(piece);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(`${path}.new`, path);
      await syncDirectory(directory);
    } catch (error) {
      throw unavailable(path, error);
    }
  }

  async function draft(name: string): Promise<StateDraft> {
    await writing.get(name)?.catch(() => {});
    const path = pathOf(directory, name);
    const told = <T>(work: Promise<T>): Promise<T> =>
      work.catch((error: unknown) => {
        throw unavailable(path, error);
      });
    const begun = await told(openStateDraft(path));
    return {
      write: (piece) => told(begun.write(piece)),
      commit: () => told(begun.commit()),
      discard: begun.discard,
    };
  }

  return { get, find, put, draft };
}

function pathOf(directory: string, name: string): string {
  return join(directory, `${encodeURIComponent(name).replaceAll('.', '%2E')}.state`);
}

function unavailable(path: string, cause: unknown): KybernError {
  return new KybernError('KYBERN_LOG_UNAVAILABLE', `${path}: ${String(cause)}`, { cause });
}

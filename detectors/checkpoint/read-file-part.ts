import { closeSync, openSync, readSync } from 'node:fs';
import { type FilePart, KybernError } from '../../model/index.ts';

/**
 * Fills `into` with the bytes of a part of a file from `at` on, at once: a state is read once, before anything else may happen.
 * Throws RangeError where the file ends too early, KYBERN_LOG_UNAVAILABLE where it cannot be read.
 */
export function readFilePart({ path, start }: FilePart, at: number, into: Uint8Array): void {
  let read = 0;
  try {
    const file = openSync(path, 'r');
    try {
      while (read < into.length) {
        const bytes = readSync(file, into, read, into.length - read, start + at + read);
        if (bytes === 0) break;
        read += bytes;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw new KybernError('KYBERN_LOG_UNAVAILABLE', `${path}: ${String(cause)}`, { cause });
  }
  if (read < into.length) throw new RangeError(`${path} ends too early`);
}

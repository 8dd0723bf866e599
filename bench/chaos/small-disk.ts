import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../../test/support/kybern-process.ts';

export interface SmallDisk {
  readonly directory: string;
  /** Takes all that is free, and again what has become free. */
  fill(): void;
  free(): void;
  unmount(): void;
}

/** A disk of its own, small enough to be filled; undefined, said loudly, for want of the rights to mount one. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const disk = temporaryDirectory('kybern-chaos-disk-');
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', disk], { stdio: 'pipe' });
  } catch {
    process.stderr.write('\nNOT RUN: a full disk, for want of the rights to mount one\n');
    return undefined;
  }
  const filler = join(disk, 'filler');
  const block = Buffer.alloc(1 << 20);
  return {
    directory: join(disk, 'data'),
    fill() {
      const file = openSync(filler, 'a');
      try {
        for (let size = block.length; size >= 4096; ) {
          if (!wrote(file, block.subarray(0, size))) size >>= 1;
        }
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(filler),
    unmount: () => void execFileSync('umount', ['-l', disk]),
  };
}

function wrote(file: number, bytes: Uint8Array): boolean {
  try {
    return writeSync(file, bytes) === bytes.length;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}

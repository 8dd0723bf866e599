import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { lockDataDir } from './data-dir-lock.ts';
import { tempDirectory } from './testing/temp-directory.ts';

const lockAndStay = `
  const { lockDataDir } = await import(process.argv[1]);
  await lockDataDir(process.argv[2], { sleep: async () => true });
  console.log('locked');
  setInterval(() => {}, 1000);
`;

const clock = {
  async sleep(milliseconds: number) {
    await pause(milliseconds);
    return true;
  },
};

function holder(directory: string) {
  const lockFile = join(import.meta.dirname, 'data-dir-lock.ts');
  return spawn(process.execPath, ['--input-type=module', '-e', lockAndStay, lockFile, directory], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('the lock of the data directory', () => {
  test('is held once, and free again after release', async () => {
    const directory = await tempDirectory();
    const lock = await lockDataDir(directory, clock);
    await expect(lockDataDir(directory, clock)).rejects.toMatchObject({ code: 'KYBERN_DATA_DIR_LOCKED' });
    await lock.release();
    await (await lockDataDir(directory, clock)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is refused while another process lives, and taken over once that is killed with -9', async () => {
    const directory = await tempDirectory();
    const other = holder(directory);
    await once(other.stdout, 'data');
    await expect(lockDataDir(directory, clock)).rejects.toMatchObject({ code: 'KYBERN_DATA_DIR_LOCKED' });
    other.kill('SIGKILL');
    await once(other, 'close');
    await (await lockDataDir(directory, clock)).release();
  });

  test('is taken over from a process whose number another one has by now', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'kybern.lock'), JSON.stringify({ pid: process.pid, started: '1' }));
    await (await lockDataDir(directory, clock)).release();
  });

  test('is taken over when unreadable, and by one of two who find it so', async () => {
    const directory = await tempDirectory();
    await writeFile(join(directory, 'kybern.lock'), '{"pid":');
    const outcomes = await Promise.allSettled([lockDataDir(directory, clock), lockDataDir(directory, clock)]);
    expect(outcomes.some((outcome) => outcome.status === 'fulfilled')).toBe(true);
  });
});

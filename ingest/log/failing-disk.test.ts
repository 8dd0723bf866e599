import { type FileHandle, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { bytesOf, openTestLog, readAll, text } from './testing/open-test-log.ts';
import { tempDirectory } from './testing/temp-directory.ts';

type Failing = 'none' | 'write' | 'sync' | 'open';

/** Opens real files that fail on command, and counts the syncs each one was asked for after a failed one. */
function failingDisk() {
  const disk = { failing: 'none' as Failing, syncsAfterFailure: 0 };
  const failure = (code: string) => Object.assign(new Error(`${code}: by the test`), { code });
  const openFile = (async (path: string, flags: string) => {
    if (disk.failing === 'open') throw failure('ENOSPC');
    const file = await open(path, flags);
    let failed = false;
    return new Proxy(file, {
      get(target, property) {
        const own = Reflect.get(target, property);
        if (typeof own !== 'function') return own;
        return async (...args: unknown[]) => {
          if (property === 'writev' && disk.failing === 'write') {
            // Half of it gets there, as on a disk that fills up.
            const [buffers, position] = args as [Buffer[], number];
            await target.write(buffers[0], 0, buffers[0].byteLength >> 1, position);
            throw failure('ENOSPC');
          }
          if (property === 'datasync') {
            if (failed) disk.syncsAfterFailure += 1;
            if (disk.failing === 'sync') {
              failed = true;
              throw failure('EIO');
            }
          }
          return Reflect.apply(own as (...rest: unknown[]) => unknown, target, args);
        };
      },
    }) as FileHandle;
  }) as typeof open;
  return { disk, openFile };
}

describe('a disk that fails', () => {
  test.each(['write', 'sync', 'open'] as const)(
    '%s: nothing is acknowledged, and it goes on when it works again',
    async (failing) => {
      const directory = await tempDirectory();
      const { disk, openFile } = failingDisk();
      // One record a segment, so that opening a file is part of every append.
      const { log, topic } = await openTestLog(directory, { openFile, segmentBytes: failing === 'open' ? 10 : 4096 });
      const acknowledged = new Map<number, string>();
      for (let i = 0; i < 30; i++) {
        disk.failing = i % 3 === 2 ? failing : 'none';
        const value = `value ${i}`;
        if (disk.failing === 'none') acknowledged.set(await topic.append(bytesOf(value)), value);
        else await expect(topic.append(bytesOf(value))).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
      }
      disk.failing = 'none';
      const expected = [...acknowledged].map(([offset, value]) => `${offset} ${value}`);
      const read = async (from: typeof topic) =>
        (await readAll(from)).map((record) => `${record.offset} ${text(record)}`);
      expect(await read(topic)).toEqual(expected);
      expect(disk.syncsAfterFailure).toBe(0);
      await log.close();
      const again = await openTestLog(directory);
      expect(await read(again.topic)).toEqual(expected);
      expect(again.reports).toEqual([]);
      await again.log.close();
    },
  );

  test('all appends that shared the failed sync are refused', async () => {
    const { disk, openFile } = failingDisk();
    const { log, topic } = await openTestLog(await tempDirectory(), { openFile });
    await topic.append(bytesOf('before'));
    disk.failing = 'sync';
    const outcomes = await Promise.allSettled([1, 2, 3].map((i) => topic.append(bytesOf(`${i}`))));
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected', 'rejected']);
    disk.failing = 'none';
    await topic.append(bytesOf('after'));
    expect((await readAll(topic)).map(text)).toEqual(['before', 'after']);
    await log.close();
  });

  test('a reader that had read all was woken for an append that failed, again and again, and kept the thread', async () => {
    const { disk, openFile } = failingDisk();
    const { log, topic } = await openTestLog(await tempDirectory(), { openFile, cacheBytes: 1 << 20 });
    await topic.append(bytesOf('before'));
    disk.failing = 'sync';
    await expect(topic.append(bytesOf('failed'))).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    const woken: boolean[] = [];
    const waiting = topic.waitFor(1, new AbortController().signal).then((arrived) => woken.push(arrived));
    await new Promise((turn) => setImmediate(turn));
    expect(woken).toEqual([]);
    disk.failing = 'none';
    await topic.append(bytesOf('after'));
    await waiting;
    expect(woken).toEqual([true]);
    expect((await topic.read(1, 1000)).map(text)).toEqual(['after']);
    await log.close();
  });

  test('a folder taken away is a log that is unavailable, not a crash', async () => {
    const directory = await tempDirectory();
    const { log, topic } = await openTestLog(directory, { segmentBytes: 100 });
    await topic.append(bytesOf('x'.repeat(200)));
    for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true });
    await expect(topic.read(0, 100)).rejects.toMatchObject({ code: 'KYBERN_LOG_UNAVAILABLE' });
    await log.close();
  });
});

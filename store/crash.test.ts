import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { createRandom } from '../model/index.ts';
import { openProjection } from './testing/projection.ts';

// One kill in fifty once met the moment in which samples were lost: the long suites look for as rare ones.
const kills = process.env.LONG_TESTS ? 150 : 3;
const child = join(import.meta.dirname, 'testing', 'projecting-child.ts');

/** Lets a child append and project for a while, kills it with SIGKILL, and returns the numbers it printed whole. */
async function runAndKill(kind: string, directory: string, run: number, afterMs: number): Promise<number[]> {
  const projecting = spawn(process.execPath, [child, directory, String(run), kind], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let printed = '';
  const ended = new Promise<void>((resolve) => projecting.once('close', () => resolve()));
  const ready = new Promise<void>((resolve) => {
    projecting.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.startsWith('ready\n')) resolve();
    });
  });
  await Promise.race([ready, ended]);
  await pause(afterMs);
  projecting.kill('SIGKILL');
  await ended;
  return printed.slice(0, printed.lastIndexOf('\n')).split('\n').slice(1).map(Number);
}

test.each(['embedded', 'files'])(
  'kill -9 between log and %s store: every acknowledged sample is there exactly once',
  async (kind) => {
    const directory = await mkdtemp(join(tmpdir(), 'kybern-crash-'));
    onTestFinished(() => rm(directory, { recursive: true, force: true }));
    const random = createRandom(11);
    const acknowledged: number[] = [];
    for (let run = 0; run < kills; run++)
      acknowledged.push(...(await runAndKill(kind, directory, run, 100 + random() * 300)));

    const { topic, store, projector, close } = await openProjection(directory, kind);
    while (await projector.step());
    // A record that a killed child had written but not yet been told of may be there too: the log decides.
    expect((await store.counts()).samples).toBe(topic.nextOffset * 50);
    const stored = new Set<number>();
    for (let metric = 0; metric < 5; metric++) {
      const [found] = await store.points({ metric: `metric ${metric}` }, 0, 1e9, 1e6, 1);
      for (const [i, time] of found.timesMs.entries()) {
        expect(found.values[i]).toBe(time);
        stored.add(time);
      }
    }
    const lost = acknowledged
      .flatMap((first) => Array.from({ length: 50 }, (_, i) => first + i))
      .filter((n) => !stored.has(n));
    expect(acknowledged.length).toBeGreaterThan(50);
    expect(lost).toEqual([]);
    await close();
  },
  20_000 * kills,
);

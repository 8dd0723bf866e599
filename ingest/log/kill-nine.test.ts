import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createRandom } from '../../model/index.ts';
import { openTestLog, readAll, text } from './testing/open-test-log.ts';
import { tempDirectory } from './testing/temp-directory.ts';

const child = join(import.meta.dirname, 'testing', 'appending-child.ts');

/** Lets a child append for a while, kills it with SIGKILL, and returns the numbers it printed whole. */
async function runAndKill(directory: string, run: number, afterMs: number, cache: string): Promise<number[]> {
  const appending = spawn(process.execPath, [child, directory, String(run)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Twenty starts of the same modules: compiled once.
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
  });
  let printed = '';
  let running: (() => void) | undefined;
  const ready = new Promise<void>((resolve) => {
    running = resolve;
  });
  appending.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
    if (printed.startsWith('ready\n')) running?.();
  });
  const ended = new Promise<void>((resolve) => appending.once('close', () => resolve()));
  await Promise.race([ready, ended]);
  await pause(afterMs);
  appending.kill('SIGKILL');
  await ended;
  return printed.slice(0, printed.lastIndexOf('\n')).split('\n').slice(1).map(Number);
}

/** Kills ten times in one folder; then counts what is there of what was acknowledged. */
async function ledger(directory: string, seed: number, cache: string) {
  const random = createRandom(seed);
  const acknowledged: string[] = [];
  for (let run = 0; run < 10; run++) {
    const numbers = await runAndKill(directory, run, random() * 120, cache);
    acknowledged.push(...numbers.map((number) => `${run}:${number}`));
  }
  const { log, topic, reports } = await openTestLog(directory);
  const seen = new Map<string, number>();
  let gaps = 0;
  let last = -1;
  for (const record of await readAll(topic, 0, 1 << 20)) {
    if (record.offset !== last + 1) gaps += 1;
    last = record.offset;
    const [run, number, padding] = text(record).split(':');
    expect(padding).toBe('p'.repeat((Number(number) * 37) % 700));
    seen.set(`${run}:${number}`, (seen.get(`${run}:${number}`) ?? 0) + 1);
  }
  await log.close();
  const lost = acknowledged.filter((id) => !seen.has(id));
  const doubled = [...seen].filter(([, count]) => count !== 1);
  return { acknowledged: acknowledged.length, lost, doubled, gaps, reports };
}

test('kill -9 at twenty random moments: every acknowledged record is there exactly once', async () => {
  const cache = await tempDirectory();
  const folders = [await tempDirectory(), await tempDirectory()];
  const ledgers = await Promise.all(folders.map((directory, i) => ledger(directory, 20_261_125 + i, cache)));
  for (const { acknowledged, ...rest } of ledgers) {
    expect(acknowledged).toBeGreaterThan(200);
    expect(rest).toEqual({ lost: [], doubled: [], gaps: 0, reports: [] });
  }
}, 60_000);

import { describe, expect, test } from 'vitest';
import { breaches } from './source-rules.ts';

describe('the rules of the house', () => {
  test.each([
    ['tuner/pace.ts', 'const now = Date.now();', 'reads the clock: take a Clock'],
    ['tuner/pace.ts', 'const now = new Date();', 'reads the clock: take a Clock'],
    [
      'ingest/log/lock.ts',
      "import { setTimeout as pause } from 'node:timers/promises';",
      'waits by itself: take a Clock',
    ],
    ['rca/rank.ts', 'return Math.random();', 'is random: take a Random'],
    ['store/open.ts', 'const url = process.env.URL;', 'reads the environment: take a setting'],
    ['engine/run.ts', `// @ts-${'ignore'}`, 'silences a check'],
    ['api/dashboard/web/js/main.js', `// ${'TO'}DO: later`, 'puts work off'],
  ])('%s may not say: %s', (path, line, name) => {
    expect(breaches(path, `first line\n${line}\n`)).toEqual([`${path}:2 ${name}`]);
  });

  test.each([
    'engine/clock/system-clock.ts',
    'bench/main.ts',
    'detectors/lstm/train/main.ts',
    'rca/rank.test.ts',
    'store/testing/wait.ts',
    'api/dashboard/web/js/toast.js',
  ])('%s may read clock and environment', (path) => {
    expect(breaches(path, 'setTimeout(f, Date.now() + Number(process.env.WAIT))')).toEqual([]);
  });

  test('a time that was given is no clock, and a comment may speak of one', () => {
    const text = '/** Never Date.now(). */\nnew Date(atMs).toISOString(); // not new Date()\n * Math.random\n';
    expect(breaches('rca/rank.ts', text)).toEqual([]);
  });

  test('a file has at most 400 lines', () => {
    expect(breaches('rca/rank.ts', 'x\n'.repeat(400))).toEqual([]);
    expect(breaches('rca/rank.ts', 'x\n'.repeat(412))).toEqual([
      'rca/rank.ts:400 goes on for 12 more lines: one idea a file',
    ]);
    expect(breaches('package-lock.json', 'x\n'.repeat(412))).toEqual([]);
  });
});

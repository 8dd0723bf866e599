import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { atLeast, type BenchRecord } from './bench.ts';
import { measureRate, median } from './measure-rate.ts';
import { benches } from './registry.ts';
import { keepRecord, readRecords } from './results.ts';
import { formatNumber, renderRecord } from './table.ts';

const folder = await mkdtemp(join(tmpdir(), 'kybern-bench-'));
afterAll(() => rm(folder, { recursive: true }));

const record: BenchRecord = {
  bench: 'infer',
  commit: 'abc1234',
  date: '2026-01-01T00:00:00.000Z',
  machine: 'one core',
  seconds: 2.5,
  figures: { pointsPerSecond: 1_234_567.8 },
  baselines: { windowsPerSecond: 0.12345 },
  bars: [atLeast('fast enough', 299, 300)],
};

describe('benchmarks', () => {
  test('are listed by name with a title', () => {
    for (const [name, bench] of benches) {
      expect(bench.name).toBe(name);
      expect(bench.title.length).toBeGreaterThan(10);
    }
    expect(benches.has('infer')).toBe(true);
  });

  test('a bar is met from its value on', () => {
    expect(atLeast('bar', 300, 300)).toEqual({ name: 'bar', want: '>= 300', got: 300, ok: true });
    expect(atLeast('bar', 299.9, 300).ok).toBe(false);
  });

  test('the table shows every figure, and which bars are not met', () => {
    const table = renderRecord(record);
    expect(table).toContain('1,234,568');
    expect(table).toContain('0.123');
    expect(table).toMatch(/✗.*fast enough.*299.*want >= 300/);
    expect(formatNumber(12.345)).toBe('12.3');
  });

  test('the latest record of each machine is kept', async () => {
    const path = join(folder, 'results/infer.json');
    await keepRecord(path, record);
    await keepRecord(path, { ...record, machine: 'another' });
    await keepRecord(path, { ...record, seconds: 9 });
    expect((await readRecords(path)).map(({ machine, seconds }) => [machine, seconds])).toEqual([
      ['another', 2.5],
      ['one core', 9],
    ]);
  });

  test('a rate counts what was done, by both clocks', async () => {
    let done = 0;
    const rate = await measureRate(
      () => {
        done += 1000;
        Math.hypot(...Array.from({ length: 1000 }, Math.sqrt));
        return 1000;
      },
      { trials: 2, seconds: 0.02 },
    );
    expect(rate.perSecond).toBeGreaterThan(0);
    expect(rate.perSecond).toBeLessThanOrEqual(done / 0.02);
    expect(rate.perCpuSecond).toBeGreaterThan(0);
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
  });
});

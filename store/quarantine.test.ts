import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noMetrics } from '../model/index.ts';
import { createQuarantine } from './quarantine.ts';

async function place(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kybern-quarantine-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return join(directory, 'store', 'rejected.jsonl');
}

function counting() {
  const counted: Record<string, number> = {};
  const counter = (name: string) => ({
    add: (amount: number) => {
      counted[name] = (counted[name] ?? 0) + amount;
    },
  });
  return { counted, metrics: { ...noMetrics, counter } };
}

const row = (number: number) => ({
  table: 'logs',
  token: 'signals 0-9',
  row: number,
  reason: 'Code: 27',
  format: 'Native',
  bytes: Uint8Array.of(1, 2, number),
});

test('a rejected row is kept once with what it carried, over restarts and a line that a crash cut short', async () => {
  const path = await place();
  const { counted, metrics } = counting();
  await createQuarantine(path, 1 << 20, metrics).put(row(7));
  await createQuarantine(path, 1 << 20, metrics).put(row(7));
  await appendFile(path, '{"table":"lo\n');
  await createQuarantine(path, 1 << 20, metrics).put(row(8));
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line.endsWith('}'));
  const kept = lines.map((line) => JSON.parse(line) as { row: number; base64: string });
  expect(kept.map((each) => [each.row, ...Buffer.from(each.base64, 'base64')])).toEqual([
    [7, 1, 2, 7],
    [8, 1, 2, 8],
  ]);
  expect(counted).toEqual({ kybern_store_rejected_rows_total: 2 });
});

test('beyond its room rows are counted, so that one bad sender cannot fill the disk', async () => {
  const path = await place();
  const { counted, metrics } = counting();
  const quarantine = createQuarantine(path, 300, metrics);
  for (let number = 0; number < 10; number++) await quarantine.put(row(number));
  expect((await readFile(path)).byteLength).toBeLessThanOrEqual(300);
  expect(counted.kybern_store_rejected_rows_total).toBe(10);
  expect(counted.kybern_store_rejected_unkept_total).toBeGreaterThan(7);
});

test('where it cannot be written nothing goes past the row', async () => {
  const path = await place();
  await createQuarantine(path, 300, noMetrics).put(row(0));
  const quarantine = createQuarantine(join(path, 'below a file'), 300, noMetrics);
  await expect(quarantine.put(row(1))).rejects.toMatchObject({ code: 'KYBERN_STORE' });
});

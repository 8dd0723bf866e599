import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { memoryQuarantine } from '../testing/rejecting.ts';
import { block, definition, sampleBatch } from '../testing/signals.ts';
import { openClickHouseStore } from './clickhouse-store.ts';
import { openEmbeddedEngine } from './embedded-engine.ts';
import { forgetUnwrittenParts } from './unwritten-parts.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kybern-unwritten-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('the deduplication logs of an engine that was killed', () => {
  const table = () => join(directory, 'store', 'abc', 'abcdef');
  const log = (number: number) => join(table(), 'deduplication_logs', `deduplication_log_${number}.txt`);

  async function tableWith(logs: readonly string[], parts: readonly string[]): Promise<void> {
    await mkdir(join(table(), 'deduplication_logs'), { recursive: true });
    for (const [at, text] of logs.entries()) await writeFile(log(at + 9), text);
    for (const part of parts) await mkdir(join(table(), part));
  }

  test('lose the tokens of parts that are nowhere, and no others', async () => {
    await tableWith(
      [
        '1\t2026_1_1_0\tmerged\n1\t2026_2_2_0\talso\n',
        '1\t2026_3_3_1\tthere\n1\t2027_3_3_1\tother\n1\t2026_4_4_1\tgone\n',
      ],
      ['2026_1_2_1', '2026_3_3_1', 'detached', 'tmp_insert_2026_4_4_1'],
    );
    expect(await forgetUnwrittenParts(directory)).toBe(2);
    expect(await readFile(log(10), 'utf8')).toMatch(/gone\n2\t2027_3_3_1\tother\n2\t2026_4_4_1\tgone\n$/);
    expect(await forgetUnwrittenParts(directory)).toBe(0);
  });

  test('lose a line that was torn', async () => {
    await tableWith(['1\t2026_1_1_0\twhole\n1\t2026_2_2'], ['2026_1_1_0']);
    expect(await forgetUnwrittenParts(directory)).toBe(0);
    expect(await readFile(log(9), 'utf8')).toBe('1\t2026_1_1_0\twhole\n');
  });

  test('need not be there', async () => {
    expect(await forgetUnwrittenParts(directory)).toBe(0);
    await mkdir(table(), { recursive: true });
    expect(await forgetUnwrittenParts(directory)).toBe(0);
  });
});

test('an insert killed between its token and its part was held for done, and its samples were lost', async () => {
  const home = join(directory, 'store');
  const open = async () => {
    const engine = await openEmbeddedEngine(home, 300_000_000);
    return openClickHouseStore(engine, { database: 'kybern', quarantine: memoryQuarantine() });
  };
  const first = { samples: [sampleBatch([0, 1, 1])], definitions: [definition(0, 'metric 0')] };
  const second = { ...first, samples: [sampleBatch([0, 2, 2])] };
  const write = async (store: Awaited<ReturnType<typeof open>>, what: typeof first, token: string) =>
    store.writeSignals(block(what), token);

  const before = await open();
  await write(before, first, 'signals 0-1');
  const there = await partsOfSamples();
  await write(before, second, 'signals 1-2');
  const unwritten = (await partsOfSamples()).filter((part) => !there.includes(part));
  await before.close();
  expect(unwritten).toHaveLength(1);
  await rm(unwritten[0]!, { recursive: true });

  const after = await open();
  await write(after, second, 'signals 1-2');
  await write(after, first, 'signals 0-1');
  expect((await after.counts()).samples).toBe(2);
  await after.close();

  async function partsOfSamples(): Promise<readonly string[]> {
    const tables = join(home, 'data', 'data', 'kybern', 'samples');
    return (await readdir(tables)).filter((name) => /_\d+_\d+_\d+$/.test(name)).map((name) => join(tables, name));
  }
});

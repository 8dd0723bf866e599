import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { expect, onTestFinished, test } from 'vitest';
import { noMetrics } from '../model/index.ts';
import { StoreConfig } from './config.ts';
import { openStore } from './open-store.ts';
import { block, definition, sampleBatch } from './testing/signals.ts';

const defaults = (changes: Partial<StoreConfig>): StoreConfig => ({
  ...(Value.Default(StoreConfig, {}) as StoreConfig),
  ...changes,
});

async function tempDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'kybern-open-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test('the configuration has a default for everything: embedded ClickHouse, which remembers over a restart', async () => {
  const options = { config: defaults({}), directory: await tempDirectory(), metrics: noMetrics };
  const store = await openStore(options);
  expect(store.name).toBe('clickhouse embedded');
  await store.writeSignals(
    block({ definitions: [definition(0, 'heap')], samples: [sampleBatch([0, Date.now(), 4])] }),
    'a',
  );
  await store.close();
  const again = await openStore(options);
  expect((await again.counts()).samples).toBe(1);
  await again.close();
});

test('kind memory needs no place, and counts what it is given', async () => {
  const counted: string[] = [];
  const counter = (name: string) => ({
    add: (amount: number, labels = {}) => void counted.push(`${name} ${JSON.stringify(labels)} ${amount}`),
  });
  const store = await openStore({
    config: defaults({ kind: 'memory' }),
    directory: '',
    metrics: { ...noMetrics, counter },
  });
  await store.writeSignals(
    block({ definitions: [definition(0, 'heap')], samples: [sampleBatch([0, 1, 2], [0, 2, 3])] }),
    'a',
  );
  expect(counted).toEqual(['kybern_store_written_rows_total {"table":"samples"} 2']);
});

test('a place that is no folder, a server without an address, a password that is not there: each an error with a code', async () => {
  const directory = await tempDirectory();
  await writeFile(join(directory, 'file'), '');
  const open = (changes: Partial<StoreConfig>, place = directory) =>
    openStore({ config: defaults(changes), directory: place, metrics: noMetrics });
  await expect(open({}, join(directory, 'file'))).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  await expect(open({ kind: 'server' })).rejects.toMatchObject({ code: 'KYBERN_CONFIG' });
  await expect(
    open({ kind: 'server', url: 'http://127.0.0.1:9', passwordFile: join(directory, 'none') }),
  ).rejects.toMatchObject({ code: 'KYBERN_CONFIG' });
});

test('a server that does not answer is no reason not to start: each question is an error until it answers', async () => {
  const config = defaults({ kind: 'server', url: 'http://127.0.0.1:9' });
  const store = await openStore({ config, directory: await tempDirectory(), metrics: noMetrics });
  await expect(store.ping()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  await expect(store.incident('i')).rejects.toMatchObject({ code: 'KYBERN_STORE' });
  await store.close();
});

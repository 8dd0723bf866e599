import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Value } from 'typebox/value';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noMetrics, type Store } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import { decisionContract } from '../../store/testing/decision-contract.ts';
import { signalContract } from '../../store/testing/signal-contract.ts';
import { block, definition, type SampleRow, sampleBatch } from '../../store/testing/signals.ts';
import { repositoryRoot, temporaryDirectory } from '../support/kybern-process.ts';
import { standHas, standPath } from '../support/stand.ts';

const server = 'clickhouse-http/server.mjs';

describe.runIf(standHas(server))('a ClickHouse behind HTTP', () => {
  let running: ChildProcess;
  let addresses: { readonly url: string; readonly control: string };
  let number = 0;

  beforeAll(async () => {
    const data = join(temporaryDirectory('kybern-clickhouse-'), 'data');
    running = spawn(process.execPath, [join(standPath, server), '--port', '0', '--data', data], {
      cwd: repositoryRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await once(running.stdout as NodeJS.ReadableStream, 'data');
    addresses = JSON.parse(String(line));
  });
  afterAll(async () => {
    running.kill();
    await once(running, 'exit');
  });

  const open = (): Promise<Store> =>
    openStore({
      config: {
        ...(Value.Default(StoreConfig, {}) as StoreConfig),
        kind: 'server',
        url: addresses.url,
        database: `test_${number++}`,
        retentionDays: 0,
        timeoutSeconds: 5,
      },
      directory: '',
      metrics: noMetrics,
    });

  signalContract('server', open, 2);
  decisionContract('server', open);

  test.each(['error', 'reset', 'lost', 'cut', 'hang'])(
    'an insert that ends in "%s" is an error; sent again under its token it is there once',
    async (mode) => {
      const store = await open();
      const rows = Array.from({ length: 1000 }, (_, i): SampleRow => [0, i, i]);
      const written = block({ definitions: [definition(0, 'heap')], samples: [sampleBatch(...rows)] });
      const fault = { mode, match: 'INSERT INTO \\S+samples', count: 1 };
      await fetch(`${addresses.control}/faults`, { method: 'POST', body: JSON.stringify(fault) });
      await expect(store.writeSignals(written, 'a')).rejects.toMatchObject({ code: 'KYBERN_STORE' });
      await store.writeSignals(written, 'a');
      await store.writeSignals(written, 'a');
      expect((await store.counts()).samples).toBe(1000);
      await store.close();
    },
  );

  test('while it refuses connections the store says so, and serves again afterwards', async () => {
    const store = await open();
    await fetch(`${addresses.control}/faults`, { method: 'POST', body: JSON.stringify({ mode: 'refuse', ms: 500 }) });
    await expect(store.ping()).rejects.toMatchObject({ code: 'KYBERN_STORE' });
    await expect
      .poll(
        () =>
          store.ping().then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 10_000, interval: 200 },
      )
      .toBe('up');
    await store.close();
  });
});

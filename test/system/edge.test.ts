import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createLedger, randomPause, untilQueryable } from '../support/kill-ledger.ts';
import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

test('the edge profile keeps what it acknowledged in plain files, over a kill -9', async () => {
  const dataDir = temporaryDirectory();
  const ledger = createLedger({ startMs: Date.now() });
  const start = () =>
    startKybern({
      dataDir,
      port: 21674,
      otlpPort: 21675,
      config: { logLevel: 'warn' },
      arguments: ['--profile', 'edge'],
    });
  const first = await start();
  ledger.target(first.otlpUrl);
  const sending = ledger.run();
  await randomPause(() => 0.5, 2000, 3000);
  await first.kill();
  const second = await start();
  await randomPause(() => 0.5, 1000, 2000);
  ledger.stop();
  await sending;
  await untilQueryable(second, ledger);
  expect(await second.stop()).toBe(0);
  expect(ledger.acknowledged).toBeGreaterThan(10);
  expect(existsSync(join(dataDir, 'store', 'files', 'samples'))).toBe(true);
  expect(existsSync(join(dataDir, 'store', 'data'))).toBe(false);
});

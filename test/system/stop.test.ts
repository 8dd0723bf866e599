import { afterAll, expect, test } from 'vitest';
import { checkDataDir, cleanVerdict } from '../support/check-data-dir.ts';
import { createLedger, randomPause, untilQueryable } from '../support/kill-ledger.ts';
import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

// Twenty times kill -9: test/real/kill-twenty.test.ts.
test('SIGTERM under load ends it within ten seconds with exit code 0, and all that was acknowledged is there', async () => {
  const dataDir = temporaryDirectory();
  const ledger = createLedger({ startMs: Date.now() });
  const start = () => startKybern({ dataDir, port: 21404, otlpPort: 21405, config: { logLevel: 'warn' } });
  const first = await start();
  ledger.target(first.otlpUrl);
  const sending = ledger.run();
  await randomPause(() => 0.5, 2000, 3000);
  const stopping = performance.now();
  expect(await first.stop()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(10_000);

  const second = await start();
  ledger.stop();
  await sending;
  await untilQueryable(second, ledger);
  expect(await second.stop()).toBe(0);
  expect(ledger.acknowledged).toBeGreaterThan(10);
  expect(await checkDataDir(dataDir, [ledger])).toMatchObject(cleanVerdict);
});

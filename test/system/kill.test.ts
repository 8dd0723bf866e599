import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkDataDir } from '../support/check-data-dir.ts';
import { createLedger, killRepeatedly, randomPause, untilQueryable } from '../support/kill-ledger.ts';
import { removeTemporaryDirectories, spawnKybern, startKybern, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const clean = {
  lost: 0,
  doubled: 0,
  foreign: 0,
  doubledDecisions: [],
  overlappingAnomalies: [],
  twinIncidents: [],
  answeredTwice: [],
  mismatchedWrites: [],
  auditComplaint: undefined,
};

test('kill -9 twice in the demo: nothing acknowledged is lost, nothing is doubled', async () => {
  const dataDir = temporaryDirectory();
  const ledger = createLedger({ startMs: Date.now() });
  let sending: Promise<void> | undefined;
  const { kybern } = await killRepeatedly({
    start: () => spawnKybern({ dataDir, port: 21400, otlpPort: 21401 }),
    onReady(ready) {
      ledger.target(ready.otlpUrl);
      sending ??= ledger.run();
    },
    kills: 2,
    seed: 17,
    async life(random, ready) {
      await ready;
      await randomPause(random, 1500, 3000);
    },
  });
  ledger.stop();
  await sending;
  await untilQueryable(kybern, ledger);
  expect(await kybern.stop()).toBe(0);
  expect(kybern.output()).not.toContain('a defect');
  expect(ledger.acknowledged).toBeGreaterThan(20);
  expect(await checkDataDir(join(dataDir, 'demo'), [ledger])).toMatchObject(clean);
});

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
  expect(await checkDataDir(dataDir, [ledger])).toMatchObject(clean);
});

import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { checkDataDir } from '../support/check-data-dir.ts';
import { createLedger, killRepeatedly, randomPause, untilQueryable } from '../support/kill-ledger.ts';
import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

test('kill -9 twice in the demo, then SIGTERM: nothing acknowledged is lost, nothing is doubled', async () => {
  const dataDir = temporaryDirectory();
  const ledger = createLedger({ startMs: Date.now() });
  let sending: Promise<void> | undefined;
  const { kybern } = await killRepeatedly({
    start: () => startKybern({ dataDir, port: 21400, otlpPort: 21401 }),
    onStart(started) {
      ledger.target(started.otlpUrl);
      sending ??= ledger.run();
    },
    kills: 2,
    seed: 17,
    life: (random) => randomPause(random, 1500, 3000),
  });
  await randomPause(() => 0.5, 500, 1500);
  ledger.stop();
  await sending;
  await untilQueryable(kybern, ledger);
  const stopping = performance.now();
  expect(await kybern.stop()).toBe(0);
  expect(performance.now() - stopping).toBeLessThan(10_000);

  const verdict = await checkDataDir(join(dataDir, 'demo'), [ledger]);
  expect(ledger.acknowledged).toBeGreaterThan(30);
  expect(verdict).toMatchObject({
    lost: 0,
    doubled: 0,
    foreign: 0,
    doubledDecisions: [],
    overlappingAnomalies: [],
    twinIncidents: [],
    mismatchedWrites: [],
    auditComplaint: undefined,
  });
  expect(kybern.output()).not.toContain('a defect');
});

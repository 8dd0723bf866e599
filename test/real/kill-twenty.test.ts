import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Random } from '../../model/index.ts';
import { checkDataDir, cleanVerdict, writesOfWorld } from '../support/check-data-dir.ts';
import { createLedger, killRepeatedly, randomPause, untilQueryable } from '../support/kill-ledger.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  spawnKybern,
  temporaryDirectory,
} from '../support/kybern-process.ts';

afterAll(removeTemporaryDirectories);

const kills = 20;
const killsInHistory = 3;
/** These come while it starts. */
const killsInStart: ReadonlySet<number> = new Set([8, 13]);
const hourMs = 3_600_000;

/**
 * While the history is sent the ledger's samples are older than it, so that event time does not leap over it; later they
 * are of the present. The shop's leak, its incident and the action fall into the kills; whenever the shop's cluster is
 * written to, the kill comes at once: between the write and its record.
 */
test('kill -9 twenty times under 5,000 samples a second: nothing lost, no anomaly, incident or action doubled', async () => {
  const dataDir = temporaryDirectory();
  const directory = join(dataDir, 'demo');
  const early = createLedger({ startMs: Date.now() - hourMs });
  const late = createLedger({ startMs: Date.now() });
  const sending: Promise<void>[] = [];
  let writesSeen = 0;
  let killsAtWrites = 0;

  const isLive = (kybern: KybernProcess) => kybern.output().includes('The shop is live.');

  async function untilWritten(random: Random, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && writesOfWorld(directory).length === writesSeen) await randomPause(random, 2, 2);
    if (signal.aborted) return;
    writesSeen = writesOfWorld(directory).length;
    killsAtWrites += 1;
    await randomPause(random, 0, 30);
  }

  async function lifeOf(random: Random, ready: Promise<void>, kybern: KybernProcess, kill: number): Promise<void> {
    if (killsInStart.has(kill)) return randomPause(random, 500, 5000);
    if (kill <= killsInHistory) await ready;
    if (kill < killsInHistory) return randomPause(random, 1500, 5000);
    if (kill === killsInHistory) {
      await eventually(async () => isLive(kybern), { withinMs: 120_000, what: () => `history: ${kybern.output()}` });
      early.stop();
      sending.push(late.run());
    }
    const over = new AbortController();
    const ripe = ready.then(() => randomPause(random, 1500, 5000));
    await Promise.race([ripe, untilWritten(random, over.signal)]);
    over.abort();
  }

  const beganMs = performance.now();
  const { kybern, recoveriesMs } = await killRepeatedly({
    start: () => spawnKybern({ dataDir, port: 21402, otlpPort: 21403 }),
    onReady(ready) {
      early.target(ready.otlpUrl);
      late.target(ready.otlpUrl);
      if (sending.length === 0) sending.push(early.run());
    },
    kills,
    seed: 20_261_125,
    life: lifeOf,
  });
  await eventually(async () => writesOfWorld(directory).length > 0, {
    withinMs: 90_000,
    what: () => `an action: ${kybern.output()}`,
  });
  late.stop();
  await Promise.all(sending);
  const seconds = (performance.now() - beganMs) / 1000;
  await untilQueryable(kybern, late);
  expect(await kybern.stop()).toBe(0);

  const { decisions, writes, ...verdict } = await checkDataDir(directory, [early, late]);
  const recoveries = recoveriesMs.toSorted((a, b) => a - b);
  const samples = (early.acknowledged + late.acknowledged) * late.series;
  console.info({
    kills,
    killsAtWrites,
    samples,
    samplesPerSecond: Math.round(samples / seconds),
    recoveryMedianMs: Math.round(recoveries[recoveries.length >> 1]),
    recoveryMaxMs: Math.round(recoveries.at(-1) ?? Infinity),
    writes: writes.length,
    decisions: Object.fromEntries(
      [...Map.groupBy(decisions, ({ type }) => type)].map(([type, own]) => [
        type,
        `${new Set(own.map(({ value }) => value.id)).size} in ${own.length} revisions`,
      ]),
    ),
    ...verdict,
  });
  expect(verdict).toEqual(cleanVerdict);
  expect(writes.length).toBeGreaterThan(0);
  expect(recoveries.at(-1) ?? Infinity).toBeLessThan(15_000);
}, 420_000);

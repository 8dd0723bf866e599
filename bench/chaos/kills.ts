import { join } from 'node:path';
import { killRepeatedly, randomPause } from '../../test/support/kill-ledger.ts';
import { removeTemporaryDirectories, spawnKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';
import type { Bench, BenchOptions, BenchResult } from '../bench.ts';
import { median } from '../measure-rate.ts';
import { cpuSeconds } from '../process-use.ts';
import { otlpDoor, remoteWriteDoor } from './doors.ts';
import { createLedger } from './ledger.ts';
import { openForReading } from './read-back.ts';
import { reportOf } from './report.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const killsBench: Bench = {
  name: 'kills',
  title: 'kill -9 fifty times at random moments under 10,000 samples a second by OTLP and remote-write',
  run: measureKills,
};

const port = 22_050;
const series = 500;
const tickMs = 100;
/** Each so-maniest kill comes while the program starts. */
const killInStartEvery = 6;

async function measureKills({ quick, say }: BenchOptions): Promise<BenchResult> {
  const kills = quick ? 5 : 50;
  const dataDir = temporaryDirectory('kybern-chaos-');
  const startMs = Date.now();
  const ledgers = [otlpDoor(series), remoteWriteDoor(series)].map((door) => createLedger({ door, startMs, tickMs }));
  const recoveriesMs: number[] = [];
  const recoveriesCpuSeconds: number[] = [];
  const sending: Promise<void>[] = [];
  try {
    const began = performance.now();
    const { kybern } = await killRepeatedly({
      start: () => spawnKybern({ dataDir, port, otlpPort: port + 1, config: {} }),
      onReady(ready) {
        for (const ledger of ledgers) {
          // Remote-write is taken at both ports.
          ledger.target(ready.otlpUrl);
          if (sending.length < ledgers.length) sending.push(ledger.run());
        }
      },
      kills,
      seed: 20_261_126,
      // Ready is who is not far behind with the analysis, too: fresh samples flow before that.
      readyWithinMs: 600_000,
      async life(random, _ready, kybern, kill) {
        const sinceMs = performance.now();
        if (kill > 0 && kill % killInStartEvery === 0) return randomPause(random, 100, 3000);
        const freshMs = await untilFresh(kybern, sinceMs, 120_000);
        const cpu = cpuSeconds(kybern.child.pid!);
        if (kill > 0) {
          recoveriesMs.push(freshMs);
          recoveriesCpuSeconds.push(cpu);
        }
        say(`life ${kill + 1}: fresh after ${Math.round(freshMs)} ms, ${cpu} s of processor time`);
        await randomPause(random, 0, 3000);
      },
    });
    await randomPause(Math.random, 1000, 3000);
    for (const ledger of ledgers) ledger.stop();
    await Promise.all(sending);
    const seconds = (performance.now() - began) / 1000;
    say('reads all back');
    // The store follows the log in its order: behind a fresh sample all is there.
    await untilFresh(kybern, performance.now());
    await kybern.stop();
    const store = await openForReading(join(dataDir, 'store'));
    const verdict = await readVerdict(store, ledgers);
    await store.close();
    const samplesPerSecond = verdict.acknowledged / seconds;
    return reportOf({
      verdict,
      ledgers,
      recoveriesMs,
      figures: {
        kills,
        samplesPerSecond,
        // What of the time was spent by Kybern itself, where the processors are shared.
        recoveryMedianCpuSeconds: median(recoveriesCpuSeconds),
        recoveryWorstCpuSeconds: Math.max(...recoveriesCpuSeconds),
      },
    });
  } finally {
    removeTemporaryDirectories();
  }
}

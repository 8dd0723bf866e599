import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { verifyAuditChain } from '../../actuator/index.ts';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
} from '../../test/support/kybern-process.ts';
import { type Bench, type BenchOptions, type BenchResult, exactly } from '../bench.ts';
import { otlpDoor } from './doors.ts';
import { createLedger } from './ledger.ts';
import { observe } from './observe.ts';
import { openForReading } from './read-back.ts';
import { reportOf } from './report.ts';
import { mountSmallDisk } from './small-disk.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const diskFullBench: Bench = {
  name: 'disk-full',
  title: 'the disk of log and store full, then freed, under 5,000 samples a second; the kill switch meanwhile',
  run: measureDiskFull,
};

const port = 22_056;

async function measureDiskFull({ quick, say }: BenchOptions): Promise<BenchResult> {
  const fullSeconds = quick ? 8 : 60;
  const disk = mountSmallDisk(512);
  if (disk === undefined) return { figures: {}, baselines: {}, bars: [] };
  const dataDir = disk.directory;
  let kybern: KybernProcess | undefined;
  try {
    kybern = await startKybern({ dataDir, port, otlpPort: port + 1, config: {} });
    const one = kybern;
    const ledger = createLedger({ door: otlpDoor(500), startMs: Date.now(), tickMs: 100 });
    ledger.target(one.otlpUrl);
    const sending = ledger.run();
    await pause(5000);
    const recoveriesMs: number[] = [];
    let switched = 0;
    let refusalsUnready = 0;
    const rounds = quick ? 1 : 3;
    for (let round = 0; round < rounds; round++) {
      const refusedBefore = ledger.refusedBodies;
      disk.fill();
      await eventually(async () => ledger.refusedBodies > refusedBefore, {
        withinMs: 60_000,
        what: () => 'a refusal',
        everyMs: 20,
      });
      say('the disk is full, and bodies are refused');
      const seen = await observe(one, ledger, async () => {
        const endMs = performance.now() + fullSeconds * 1000;
        while (performance.now() < endMs) {
          // What merges and retention give back.
          disk.fill();
          await pause(500);
        }
        switched += (await turnOn(one, say)) ? 1 : 0;
      });
      refusalsUnready += seen.unreadyAnswers > 0 ? 1 : 0;
      disk.free();
      recoveriesMs.push(await untilFresh(one, performance.now()));
      await eventually(async () => (await ordersOf(one)) === 2 * round + 1, {
        withinMs: 30_000,
        what: () => 'the kill switch to be in the audit log',
      });
      if (!(await putKillSwitch(one, false)).ok) throw new Error('the kill switch cannot be turned off');
      say(`fresh samples flow ${Math.round(recoveriesMs.at(-1)!)} ms after there was room`);
    }
    ledger.stop();
    await sending;
    await untilFresh(one, performance.now());
    const exit = await one.stop();
    const store = await openForReading(join(dataDir, 'store'));
    const verdict = await readVerdict(store, [ledger]);
    const { items } = await store.audit({ limit: 1000 });
    const isWhole = verifyAuditChain(items).ok;
    say(`audited: ${items.map(({ event }) => event).join(', ')}`);
    const audited = isWhole ? items.filter(({ event }) => event === 'kill-switch').length : 0;
    await store.close();
    return reportOf({
      verdict,
      ledgers: [ledger],
      recoveriesMs,
      figures: { rounds, fullSeconds, killSwitchUsedWhileFull: switched, killSwitchAudited: audited },
      bars: [
        exactly('times the kill switch worked while the disk was full', switched, rounds),
        exactly('uses of the kill switch in the audit log, whose chain is whole', audited, 2 * rounds),
        exactly('times that it told that it was not ready', refusalsUnready, rounds),
        exactly('exit code without a restart between', exit ?? -1, 0),
      ],
    });
  } finally {
    await kybern?.kill();
    disk.unmount();
    removeTemporaryDirectories();
  }
}

async function ordersOf(kybern: KybernProcess): Promise<number> {
  const { items } = await kybern.get<{ items: { event: string }[] }>('/api/v1/audit?limit=200');
  return items.filter(({ event }) => event === 'kill-switch').length;
}

/**
 * Whether it is in force. It may say that it could not be kept, or say nothing while the audit log has no room: it is kept
 * as soon as there is some.
 */
async function turnOn(kybern: KybernProcess, say: (line: string) => void): Promise<boolean> {
  const status = await putKillSwitch(kybern, true).then(
    (response) => response.status,
    (error: unknown) => `no answer, ${String(error)}`,
  );
  say(`the kill switch while the disk is full: ${status}`);
  return (await kybern.get<{ on: boolean }>('/api/v1/kill-switch')).on;
}

function putKillSwitch(kybern: KybernProcess, on: boolean): Promise<Response> {
  return fetch(`${kybern.url}/api/v1/kill-switch`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ on }),
    signal: AbortSignal.timeout(10_000),
  });
}

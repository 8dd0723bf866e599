import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';
import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { otlpDoor } from './doors.ts';
import { createLedger } from './ledger.ts';
import { openForReading } from './read-back.ts';
import { reportOf } from './report.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const fsyncErrorBench: Bench = {
  name: 'fsync-error',
  title: 'EIO from one fsync in ten under 5,000 samples a second, then kill -9',
  run: measureFsyncError,
};

const port = 22_060;
/** Of Debian's fiu-utils (libfiu): faults in libc's calls, ordered from outside while the program runs. */
const libraries = ['/usr/lib/fiu/fiu_run_preload.so', '/usr/lib/fiu/fiu_posix_preload.so'];
const calls = ['posix/io/sync/fsync', 'posix/io/sync/fdatasync'];
const errorIo = 5;

async function measureFsyncError({ quick, say }: BenchOptions): Promise<BenchResult> {
  if (!libraries.every((path) => existsSync(path))) {
    process.stderr.write('\nNOT RUN: failing fsync, for want of fiu-utils\n');
    return { figures: {}, baselines: {}, bars: [] };
  }
  const badSeconds = quick ? 8 : 60;
  const dataDir = temporaryDirectory('kybern-chaos-');
  const pipes = join(temporaryDirectory('kybern-chaos-fiu-'), 'control');
  const environment = { LD_PRELOAD: libraries.join(' '), FIU_CTRL_FIFO: pipes };
  const options = { dataDir, port, otlpPort: port + 1, config: {} };
  let kybern = await startKybern({ ...options, environment });
  const order = (command: string) => {
    execFileSync('fiu-ctrl', ['-f', pipes, '-c', command, String(kybern.child.pid)]);
  };
  try {
    const ledger = createLedger({ door: otlpDoor(500), startMs: Date.now(), tickMs: 100 });
    ledger.target(kybern.otlpUrl);
    const sending = ledger.run();
    await pause(3000);
    const recoveriesMs: number[] = [];
    for (const call of calls) order(`enable_random name=${call},probability=0.1,failinfo=${errorIo}`);
    await pause(badSeconds * 1000);
    const refused = ledger.refusedBodies;
    say(`${refused} bodies refused in ${badSeconds} s`);
    for (const call of calls) order(`disable name=${call}`);
    recoveriesMs.push(await untilFresh(kybern, performance.now()));
    for (const call of calls) order(`enable_random name=${call},probability=0.1,failinfo=${errorIo}`);
    await pause(2000);
    await kybern.kill();
    const killedMs = performance.now();
    kybern = await startKybern({ ...options, readyWithinMs: 120_000 });
    recoveriesMs.push(await untilFresh(kybern, killedMs));
    ledger.stop();
    await sending;
    await untilFresh(kybern, performance.now());
    await kybern.stop();
    const store = await openForReading(join(dataDir, 'store'));
    const verdict = await readVerdict(store, [ledger]);
    await store.close();
    return reportOf({
      verdict,
      ledgers: [ledger],
      recoveriesMs,
      figures: { badSeconds },
      bars: [atLeast('bodies refused while fsync failed', refused, 1)],
    });
  } finally {
    await kybern.kill();
    removeTemporaryDirectories();
  }
}

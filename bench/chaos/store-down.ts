import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { removeTemporaryDirectories, startKybern, temporaryDirectory } from '../../test/support/kybern-process.ts';
import { stand } from '../../test/support/stand.ts';
import { atLeast, atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { otlpDoor } from './doors.ts';
import { createLedger } from './ledger.ts';
import { observe } from './observe.ts';
import { openForReading } from './read-back.ts';
import { reportOf } from './report.ts';
import { untilFresh } from './until-fresh.ts';
import { readVerdict } from './verdict.ts';

export const storeDownBench: Bench = {
  name: 'store-down',
  title: 'ClickHouse killed and away for ten minutes under 5,000 samples a second',
  run: measureStoreDown,
};

const port = 22_052;
const storePort = 22_030;

async function measureStoreDown({ quick, say }: BenchOptions): Promise<BenchResult> {
  const downSeconds = quick ? 40 : 600;
  const environment = {
    STAND_RUN: join(temporaryDirectory('kybern-chaos-'), 'run'),
    STAND_CLICKHOUSE_PORT: String(storePort),
  };
  await stand('clickhouse', ['start'], environment);
  const store = { kind: 'server', url: `http://127.0.0.1:${storePort}`, database: 'chaos' };
  const dataDir = temporaryDirectory('kybern-chaos-');
  const kybern = await startKybern({ dataDir, port, otlpPort: port + 1, config: { store }, readyWithinMs: 60_000 });
  try {
    const ledger = createLedger({ door: otlpDoor(500), startMs: Date.now(), tickMs: 100 });
    ledger.target(kybern.otlpUrl);
    const sending = ledger.run();
    // Until it has grown to what it takes under this load.
    const before = await observe(kybern, ledger, () => pause(quick ? 5000 : 60_000));
    await stand('clickhouse', ['kill'], environment);
    say(`the store is away for ${downSeconds} s`);
    const away = await observe(kybern, ledger, () => pause(downSeconds * 1000));
    await stand('clickhouse', ['start'], environment);
    const backMs = performance.now();
    const recoveryMs = await untilFresh(kybern, backMs, 300_000);
    say(`fresh samples can be read ${Math.round(recoveryMs)} ms after it came back`);
    ledger.stop();
    await sending;
    await untilFresh(kybern, performance.now());
    await kybern.stop();
    const reader = await openForReading(dataDir, store);
    const verdict = await readVerdict(reader, [ledger]);
    await reader.close();
    const catchUp = (downSeconds * 1000 + recoveryMs) / recoveryMs;
    const growth = away.mostMegabytes - before.mostMegabytes;
    return reportOf({
      verdict,
      ledgers: [ledger],
      recoveriesMs: [recoveryMs],
      figures: {
        downSeconds,
        catchUpTimesLiveRate: catchUp,
        longestWithoutAcknowledgementSeconds: away.longestStandstillMs / 1000,
        peakRssMegabytesBefore: before.mostMegabytes,
        peakRssMegabytesWhileAway: away.mostMegabytes,
        readyAnswers: away.readyAnswers,
        unreadyAnswers: away.unreadyAnswers,
      },
      bars: [
        atLeast('catch-up as a multiple of the live rate', catchUp, 2),
        atMost('readiness answers of not ready while only the store is away', away.unreadyAnswers, 0),
        atMost('longest time without an acknowledgement while it is away, s', away.longestStandstillMs / 1000, 5),
        atMost('growth of resident memory while it is away, MB', growth, 150),
      ],
    });
  } finally {
    await kybern.kill();
    await stand('clickhouse', ['wipe'], environment);
    removeTemporaryDirectories();
  }
}

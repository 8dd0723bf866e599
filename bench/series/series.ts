import { setTimeout as sleep } from 'node:timers/promises';
import {
  eventually,
  type KybernProcess,
  removeTemporaryDirectories,
  startKybern,
  temporaryDirectory,
} from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult, exactly } from '../bench.ts';
import type { LoadPlan } from '../ingest/load-plan.ts';
import { runLoad } from '../ingest/run-load.ts';
import { settled } from '../ingest/settled.ts';
import { forgetPeak, residentMegabytes } from '../process-use.ts';
import { scrapeValues } from '../scrape-values.ts';

export const seriesBench: Bench = {
  name: 'series',
  title:
    '100,000 series with models on: resident memory, and how long a killed program takes until it scores as before',
  run: measureSeries,
};

const port = 22_000;
const stepMs = 15_000;
const samplesPerBody = 2000;
/** A quarter of an hour and more, so that each series has its place in the network and its profile of the day. */
const fillRounds = 72;
const seriesLookedAt = 20;

interface Points {
  readonly items: readonly { readonly scoring?: { readonly samples: number } }[];
}

async function measureSeries({ quick, say }: BenchOptions): Promise<BenchResult> {
  const series = quick ? 20_000 : 100_000;
  const liveRounds = quick ? 6 : 10;
  const killAfterMs = (quick ? 2 : 5) * stepMs;
  const program = { dataDir: temporaryDirectory('kybern-bench-'), port, otlpPort: port + 1, config: {} };
  let kybern = await startKybern(program);
  try {
    const { now: base } = residentMegabytes(kybern.child.pid!);
    say(`${series} series, ${fillRounds} samples each, as fast as they are taken`);
    const startMs = Date.now() - (fillRounds + 4) * stepMs;
    const plan: LoadPlan = {
      url: `${kybern.url}/api/v1/write`,
      series,
      samplesPerBody,
      startMs,
      stepMs,
      rounds: fillRounds,
      connections: 4,
    };
    await runLoad(plan);
    await settled(kybern.url);
    const filled = residentMegabytes(kybern.child.pid!);

    say(`as they come: every ${stepMs / 1000} s a sample of each; killed after ${killAfterMs / 1000} s`);
    forgetPeak(kybern.child.pid!);
    const live: LoadPlan = {
      ...plan,
      startMs: startMs + fillRounds * stepMs,
      rounds: liveRounds,
      samplesPerSecond: (series * 1000) / stepMs,
    };
    let begin = () => {};
    const begun = new Promise<void>((resolve) => {
      begin = resolve;
    });
    const sent = runLoad(live, begin);
    await begun;
    await sleep(killAfterMs);
    const { peak: livePeak, now: liveNow } = residentMegabytes(kybern.child.pid!);
    await kybern.kill();

    const killedMs = performance.now();
    kybern = await startKybern({ ...program, readyWithinMs: 120_000 });
    const readySeconds = (performance.now() - killedMs) / 1000;
    await untilWarm(kybern, series);
    const warmSeconds = (performance.now() - killedMs) / 1000;
    say(`ready after ${readySeconds.toFixed(1)} s, warm after ${warmSeconds.toFixed(1)} s`);
    const report = await sent;
    await settled(kybern.url);
    const after = residentMegabytes(kybern.child.pid!);
    const lost = await samplesLost(kybern, series, fillRounds + liveRounds);
    return {
      figures: {
        series,
        baseMegabytes: base,
        fillPeakMegabytes: filled.peak,
        liveMegabytes: liveNow,
        livePeakMegabytes: livePeak,
        restartedPeakMegabytes: after.peak,
        bytesPerSeries: ((liveNow - base) * 1e6) / series,
        readySeconds,
        warmSeconds,
        retriedBodies: report.retries,
      },
      baselines: {},
      bars: [
        atMost(`resident megabytes at ${series} series, highest while they come`, livePeak, 1200),
        atMost('seconds from the kill until fresh samples are scored with all that was learnt', warmSeconds, 20),
        exactly('samples that series have forgotten over it', lost, 0),
      ],
    };
  } finally {
    await kybern.kill();
    removeTemporaryDirectories();
  }
}

/** Every series is known again, what was sent before the kill is scored, and so is a sample that came since. */
async function untilWarm(kybern: KybernProcess, series: number): Promise<void> {
  await eventually(
    async () => {
      const values = await scrapeValues(kybern.url);
      const isFresh = (values('kybern_ingest_items_accepted_total{protocol="remote-write",signal="metrics"}') ?? 0) > 0;
      if (!isFresh || values('kybern_analysis_lag_records') !== 0) return false;
      const status = await kybern.get<{ series: number; learning: number }>('/api/v1/status');
      return status.series >= series && status.learning === 0;
    },
    { withinMs: 300_000, what: () => 'fresh samples to be scored with all that was learnt', everyMs: 50 },
  );
}

/** Of series here and there: how many samples less than were sent they have lived through. */
async function samplesLost(kybern: KybernProcess, series: number, rounds: number): Promise<number> {
  let lost = 0;
  for (let looked = 0; looked < seriesLookedAt; looked++) {
    const service = `kubelet-${Math.floor((looked * series) / seriesLookedAt / 4)}`;
    const { items } = await kybern.get<Points>(
      `/api/v1/query?metric=container_threads&label.service=${service}&maxPoints=10`,
    );
    if (items.length !== 1) throw new Error(`${items.length} series of ${service}`);
    lost += rounds - (items[0]!.scoring?.samples ?? 0);
  }
  return lost;
}

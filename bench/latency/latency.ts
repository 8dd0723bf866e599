import { removeTemporaryDirectories } from '../../test/support/kybern-process.ts';
import { atMost, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import type { LoadPlan } from '../ingest/load-plan.ts';
import { type Receiver, startWhole } from '../ingest/receivers-under-test.ts';
import { runLoad } from '../ingest/run-load.ts';
import { cpuSeconds } from '../process-use.ts';
import { scrapeValues } from '../scrape-values.ts';
import { createQuantiles } from './histogram-quantiles.ts';

export const latencyBench: Bench = {
  name: 'latency',
  title:
    'from when a sample is taken to its verdict, at 50,000 samples a second with remote-write on the same two cores',
  run: measureLatency,
};

const port = 22_020;
const series = 50_000;
const stepMs = 1000;
const samplesPerBody = 2000;
const warmRounds = 40;
/** Of the live time: until what the warm-up left behind is done with. */
const settleMs = 5000;

async function measureLatency({ quick, say }: BenchOptions): Promise<BenchResult> {
  const seconds = quick ? 10 : 30;
  const receiver = await startWhole(port);
  try {
    say(`${warmRounds} samples of ${series} series, as fast as they are taken`);
    await runLoad({ ...planOf(receiver), startMs: Date.now() - (warmRounds + 1) * stepMs, rounds: warmRounds });
    await receiver.settled();
    say(`${series} samples a second for ${seconds} s`);
    const makingMs = 5000 + seconds * 300;
    const livePlan: LoadPlan = {
      ...planOf(receiver),
      startMs: Date.now() + makingMs,
      rounds: seconds + settleMs / 1000,
      live: true,
    };
    const sent = runLoad(livePlan);
    await sleepUntil(livePlan.startMs + settleMs);
    const before = await scrapeValues(receiver.writeUrl.replace('/api/v1/write', ''));
    const cpuBefore = cpuSeconds(receiver.pid);
    const report = await sent;
    const cpu = cpuSeconds(receiver.pid) - cpuBefore;
    // Of the time since the last scrape: each one starts its measure anew.
    const live = await scrapeValues(receiver.writeUrl.replace('/api/v1/write', ''));
    await receiver.settled();
    const after = await scrapeValues(receiver.writeUrl.replace('/api/v1/write', ''));
    const age = createQuantiles('kybern_decision_age_seconds', before, after);
    const scoring = createQuantiles('kybern_scoring_latency_seconds', before, after);
    return {
      figures: {
        series,
        samplesPerSecond: report.samples / report.seconds,
        bodiesMeasured: age.count,
        takenToDecidedP50Milliseconds: 1000 * age.quantile(0.5),
        takenToDecidedP99Milliseconds: 1000 * age.quantile(0.99),
        takenToDecidedP999Milliseconds: 1000 * age.quantile(0.999),
        decodedToDecidedP50Milliseconds: 1000 * scoring.quantile(0.5),
        decodedToDecidedP99Milliseconds: 1000 * scoring.quantile(0.99),
        ackP50Milliseconds: report.p50Ms,
        ackP99Milliseconds: report.p99Ms,
        mainThreadHeldP99Milliseconds: 1000 * live('nodejs_eventloop_lag_p99_seconds')!,
        mainThreadHeldMaxMilliseconds: 1000 * live('nodejs_eventloop_lag_max_seconds')!,
        coresUsed: cpu / (report.seconds - settleMs / 1000),
      },
      baselines: {},
      bars: [
        atMost('p99 from when a sample was taken to its verdict, ms', 1000 * age.quantile(0.99), 50),
        atMost('share of bodies that took longer than 50 ms', 1 - age.shareWithin(0.05), 0.01),
      ],
    };
  } finally {
    await receiver.stop();
    removeTemporaryDirectories();
  }
}

function planOf(receiver: Receiver): Omit<LoadPlan, 'startMs' | 'rounds'> {
  return { url: receiver.writeUrl, series, samplesPerBody, stepMs };
}

async function sleepUntil(timeMs: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, timeMs - Date.now()));
}

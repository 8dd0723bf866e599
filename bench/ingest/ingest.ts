import { removeTemporaryDirectories } from '../../test/support/kybern-process.ts';
import { standHas } from '../../test/support/stand.ts';
import { atLeast, atMost, type Bar, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { median } from '../measure-rate.ts';
import { cpuSeconds, residentMegabytes } from '../process-use.ts';
import type { LoadPlan, LoadReport } from './load-plan.ts';
import { type Receiver, startDoors, startPeer, startWhole } from './receivers-under-test.ts';
import { runLoad } from './run-load.ts';

export const ingestBench: Bench = {
  name: 'ingest',
  title: 'samples per second from remote-write to log, score and store; Prometheus and VictoriaMetrics beside it',
  run: measureIngest,
};

const series = 10_000;
const samplesPerBody = 2000;
// Short, so that a run fits into the hour that Prometheus takes samples of.
const stepMs = 4000;
/** Rounds until every series is past the warm-up and on the network. */
const warmRounds = 40;
const port = 18_700;

interface Measured {
  /** From the first body sent until the last sample had gone the whole way. */
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly p99Ms: number;
  readonly rssMegabytes: number;
}

async function measureIngest({ quick, say }: BenchOptions): Promise<BenchResult> {
  const trials = quick ? 1 : 3;
  const rounds = quick ? 100 : 400;
  const measured = async (what: string, start: () => Promise<Receiver>) => {
    const runs: Measured[] = [];
    for (let trial = 0; trial < trials; trial++) {
      say(`${what}: ${rounds * series} samples of ${series} series, run ${trial + 1} of ${trials}`);
      runs.push(await measure(start, rounds));
    }
    return runs;
  };
  try {
    const doors = await measured('doors and log', startDoors);
    const whole = await measured('the whole of Kybern', () => startWhole(port));
    say('the whole of Kybern at 25,000 samples a second');
    const paced = await measurePaced(quick ? 10 : 60);
    const peers = { prometheus: [] as Measured[], victoriametrics: [] as Measured[] };
    for (const peer of ['prometheus', 'victoriametrics'] as const) {
      if (standHas(peer)) peers[peer] = await measured(peer, () => startPeer(peer, port + 10));
    }
    return {
      figures: {
        doorsSamplesPerSecond: middle(doors, 'perSecond'),
        doorsSamplesPerCpuSecond: middle(doors, 'perCpuSecond'),
        wholeSamplesPerSecond: middle(whole, 'perSecond'),
        wholeSamplesPerCpuSecond: middle(whole, 'perCpuSecond'),
        wholePeakRssMegabytes: middle(whole, 'rssMegabytes'),
        ackP50MillisecondsAt25k: paced.p50Ms,
        ackP99MillisecondsAt25k: paced.p99Ms,
      },
      baselines: {
        prometheusSamplesPerSecond: middle(peers.prometheus, 'perSecond'),
        prometheusSamplesPerCpuSecond: middle(peers.prometheus, 'perCpuSecond'),
        victoriaMetricsSamplesPerSecond: middle(peers.victoriametrics, 'perSecond'),
        victoriaMetricsSamplesPerCpuSecond: middle(peers.victoriametrics, 'perCpuSecond'),
      },
      bars: barsOf(doors, whole, paced),
    };
  } finally {
    removeTemporaryDirectories();
  }
}

function barsOf(doors: readonly Measured[], whole: readonly Measured[], paced: LoadReport): Bar[] {
  return [
    atLeast('samples per second, scored and stored', middle(whole, 'perSecond'), 250_000),
    atLeast('samples per second, decoded and in the log', middle(doors, 'perSecond'), 700_000),
    atMost('p99 of an acknowledgement at 25,000 samples a second, ms', paced.p99Ms, 100),
  ];
}

function middle(runs: readonly Measured[], what: keyof Measured): number {
  return median(runs.map((run) => run[what]));
}

async function measure(start: () => Promise<Receiver>, rounds: number): Promise<Measured> {
  const receiver = await start();
  try {
    // In the past, so that the time of the load is not the future; the warm-up before it.
    const startMs = Date.now() - (rounds + warmRounds + 4) * stepMs;
    await runLoad(planOf(receiver, startMs, warmRounds));
    await receiver.settled();
    let beganMs = 0;
    let beganCpu = 0;
    const report = await runLoad(planOf(receiver, startMs + warmRounds * stepMs, rounds), () => {
      beganMs = performance.now();
      beganCpu = cpuSeconds(receiver.pid);
    });
    await receiver.settled();
    const seconds = (performance.now() - beganMs) / 1000;
    return {
      perSecond: report.samples / seconds,
      perCpuSecond: report.samples / (cpuSeconds(receiver.pid) - beganCpu),
      p99Ms: report.p99Ms,
      rssMegabytes: residentMegabytes(receiver.pid).peak,
    };
  } finally {
    await receiver.stop();
  }
}

async function measurePaced(seconds: number): Promise<LoadReport> {
  const receiver = await startWhole(port);
  const rounds = Math.ceil((25_000 * seconds) / series);
  try {
    const startMs = Date.now() - (rounds + warmRounds + 4) * stepMs;
    await runLoad(planOf(receiver, startMs, warmRounds));
    await receiver.settled();
    const plan = planOf(receiver, startMs + warmRounds * stepMs, rounds);
    return await runLoad({ ...plan, samplesPerSecond: 25_000 });
  } finally {
    await receiver.stop();
  }
}

function planOf(receiver: Receiver, startMs: number, rounds: number): LoadPlan {
  return { url: receiver.writeUrl, series, samplesPerBody, startMs, stepMs, rounds };
}

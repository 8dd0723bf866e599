import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { logBatch } from '../../detectors/testing/log-lines.ts';
import { spanBatch } from '../../detectors/testing/spans.ts';
import { startMs } from '../../detectors/testing/synthetic.ts';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { measureRate, type Rate } from '../measure-rate.ts';
import { type SampleRate, type Trials, tickMs } from './sample-rate.ts';

const run = promisify(execFile);

export const loopBench: Bench = {
  name: 'loop',
  title: 'points per second and core from a column of samples to a decision; log lines and spans beside it',
  run: measureLoop,
};

async function measureLoop({ quick, say }: BenchOptions): Promise<BenchResult> {
  const trials: Trials = quick ? { trials: 1, seconds: 0.5 } : { trials: 5, seconds: 2 };
  const series = quick ? 2000 : 10_000;
  say(`samples of ${series} series through the whole loop, with the network and without it`);
  const whole = await rateOf('network', series, trials, 1);
  const around = await rateOf('none', series, trials, 1);
  const beside = await rateOf('none', series, trials, 2);
  say('log lines into templates, spans into rate, errors and duration');
  const lines = await lineRate(trials);
  const spans = await spanRate(trials);
  return {
    figures: {
      loopPointsPerCpuSecond: whole.perCpuSecond,
      loopPointsPerSecond: whole.perSecond,
      withoutNetworkPointsPerCpuSecond: around.perCpuSecond,
      withoutNetworkOfTwoDetectorsPointsPerCpuSecond: beside.perCpuSecond,
      loopHeapBytesPerSample: around.heapBytesPerSample,
      loopHeapBytesPerBatch: around.heapBytesPerBatch,
      loopArrayBytesPerSample: around.arrayBytesPerSample,
      networkHeapBytesPerSample: whole.heapBytesPerSample,
      networkHeapBytesPerBatch: whole.heapBytesPerBatch,
      logLinesPerCpuSecond: lines.perCpuSecond,
      spansPerCpuSecond: spans.perCpuSecond,
    },
    baselines: {},
    bars: [
      atLeast('points per second and core of the whole loop', whole.perCpuSecond, 700_000),
      atLeast('log lines per second and core', lines.perCpuSecond, 100_000),
    ],
  };
}

/**
 * Samples through detectors in a process of their own, which an engine with one part of the signals is: V8 makes slower code
 * of functions that it has seen in several sets of detectors, whichever came first.
 */
async function rateOf(
  network: 'network' | 'none',
  series: number,
  trials: Trials,
  detectors: number,
): Promise<SampleRate> {
  const child = join(import.meta.dirname, 'loop-child.ts');
  const numbers = [series, trials.trials, trials.seconds, detectors].map(String);
  const { stdout } = await run(process.execPath, [child, network, ...numbers]);
  return JSON.parse(stdout) as SampleRate;
}

function lineRate(trials: Trials): Promise<Rate> {
  const { catalog, detectors } = createWorkbench();
  const kinds = [
    (n: number) => `GET /cart/${n} took ${n % 97} ms from 10.0.${n % 250}.17:8080`,
    (n: number) => `order ${n * 7919} placed by user u${n} total ${n % 97}.50 EUR`,
    (n: number) => `2026-01-05T10:00:${n % 60}Z INFO cache hit ratio ${n % 100}% key=session:${n}`,
    (n: number) => `{"level":"info","msg":"checkout complete","order":"${n}","ms":${n % 77}}`,
  ];
  const batch = logBatch(
    catalog,
    Array.from({ length: 5000 }, (_, n) => ({
      pod: `pod-${n % 30}`,
      timeMs: startMs + n / 10,
      severity: 9,
      body: kinds[n % kinds.length]!(n),
    })),
  );
  return measureRate(async () => {
    await detectors.observe(batch);
    await detectors.advance(batch.timesMs[0]! - tickMs);
    for (let row = 0; row < batch.count; row += 1) batch.timesMs[row] = batch.timesMs[row]! + 500;
    return batch.count;
  }, trials);
}

function spanRate(trials: Trials): Promise<Rate> {
  const { catalog, detectors } = createWorkbench();
  const batch = spanBatch(
    catalog,
    Array.from({ length: 5000 }, (_, n) => ({
      service: `service-${n % 10}`,
      name: `operation ${n % 30}`,
      id: n + 1,
      parent: n % 5 === 0 ? 0 : n,
      startMs: startMs + n / 10,
      durationMs: 20 + (n % 50),
      kind: n % 2 === 0 ? 2 : 3,
    })),
  );
  const ids = new DataView(batch.spanIds.buffer);
  const parents = new DataView(batch.parentIds.buffer);
  return measureRate(async () => {
    await detectors.observe(batch);
    await detectors.advance(batch.startsMs[0]! - tickMs);
    // The next batch: later, and other spans.
    for (let row = 0; row < batch.count; row += 1) {
      batch.startsMs[row] = batch.startsMs[row]! + 500;
      ids.setUint32(row * 8, ids.getUint32(row * 8) + 1);
      if (parents.getUint32(row * 8 + 4) > 0) parents.setUint32(row * 8, ids.getUint32(row * 8));
    }
    return batch.count;
  }, trials);
}

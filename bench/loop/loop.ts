import { loadForecastModel, type StepModel, shippedForecastModelPath } from '../../detectors/index.ts';
import { createLastValueModel } from '../../detectors/testing/last-value-model.ts';
import { logBatch } from '../../detectors/testing/log-lines.ts';
import { spanBatch } from '../../detectors/testing/spans.ts';
import { createNoise, podGauge, startMs } from '../../detectors/testing/synthetic.ts';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { createRandom, type DetectionResult, type SampleBatch } from '../../model/index.ts';
import { atLeast, type Bench, type BenchOptions, type BenchResult } from '../bench.ts';
import { measureRate, type Rate } from '../measure-rate.ts';
import { allocatedBytes } from './allocated-bytes.ts';

type Trials = { readonly trials: number; readonly seconds: number };

const tickMs = 5000;
const metrics = [
  ['k8s.pod.memory.working_set', 'By', 2e8],
  ['http.server.request.duration', 'ms', 50],
  ['k8s.pod.cpu.usage', '{cpu}', 0.4],
  ['app.pool.size', '', 1000],
] as const;

export const loopBench: Bench = {
  name: 'loop',
  title: 'points per second and core from a column of samples to a decision; log lines and spans beside it',
  run: measureLoop,
};

async function measureLoop({ quick, say }: BenchOptions): Promise<BenchResult> {
  const trials: Trials = quick ? { trials: 1, seconds: 0.5 } : { trials: 5, seconds: 2 };
  const series = quick ? 2000 : 10_000;
  say(`samples of ${series} series through the whole loop, with the network and without it`);
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1 });
  const whole = await sampleRate(model, series, trials);
  await model.close();
  const around = await sampleRate(createLastValueModel(), series, trials);
  say('log lines into templates, spans into rate, errors and duration');
  const lines = await lineRate(trials);
  const spans = await spanRate(trials);
  return {
    figures: {
      loopPointsPerCpuSecond: whole.perCpuSecond,
      loopPointsPerSecond: whole.perSecond,
      withoutNetworkPointsPerCpuSecond: around.perCpuSecond,
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
      atLeast('points per second and core without the network', around.perCpuSecond, 300_000),
      atLeast('log lines per second and core', lines.perCpuSecond, 100_000),
    ],
  };
}

interface SampleRate extends Rate {
  /** Bytes of V8's heap that a batch costs whatever its size, and what each sample adds to that. */
  readonly heapBytesPerBatch: number;
  readonly heapBytesPerSample: number;
  /** Bytes of typed arrays for each sample of the large batches. */
  readonly arrayBytesPerSample: number;
}

/** Batches of so many samples are held against those of all series, to tell what a sample costs from what a batch does. */
const smallBatch = 1000;
const countedBatches = 100;

/** Noisy gauges, a batch a tick, past the warm-up and with every series on the network. */
async function sampleRate(model: StepModel, count: number, trials: Trials): Promise<SampleRate> {
  const { catalog, detectors } = createWorkbench({ model });
  const noise = createNoise(createRandom(1));
  const series = Uint32Array.from({ length: count }, (_, index) => {
    const [name, unit] = metrics[index % metrics.length]!;
    return catalog.intern(podGauge(name, `pod-${index}`, unit));
  });
  const columns = Array.from({ length: 16 }, () =>
    Float64Array.from(series, (_, index) => metrics[index % metrics.length]![2] * (1 + 0.05 * noise())),
  );
  const timesMs = new Float64Array(count);
  let tick = 0;
  async function observe(rows: number): Promise<number> {
    const nowMs = startMs + tick * tickMs;
    timesMs.fill(nowMs);
    const values = columns[tick % columns.length]!;
    const batch: SampleBatch = { kind: 'samples', count: rows, series, timesMs, values };
    release(await detectors.observe(batch));
    release(await detectors.advance(nowMs - tickMs));
    tick += 1;
    return rows;
  }
  while (tick < 30) await observe(count);
  const rate = await measureRate(() => observe(count), trials);
  const large = await allocatedBytes(() => observe(count), countedBatches);
  const small = await allocatedBytes(() => observe(smallBatch), countedBatches);
  const heapBytesPerSample = Math.max(0, large.heapBytes - small.heapBytes) / (count - smallBatch);
  return {
    ...rate,
    heapBytesPerSample,
    heapBytesPerBatch: small.heapBytes - heapBytesPerSample * smallBatch,
    arrayBytesPerSample: large.arrayBytes / count,
  };
}

/** As whoever has written the bands. */
function release({ bands }: DetectionResult): void {
  for (const band of bands) band.release?.();
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

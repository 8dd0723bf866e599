import type { StepModel } from '../../detectors/index.ts';
import { createNoise, podGauge, startMs } from '../../detectors/testing/synthetic.ts';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { createRandom, type DetectionResult, type SampleBatch } from '../../model/index.ts';
import { measureRate, type Rate } from '../measure-rate.ts';
import { allocatedBytes } from './allocated-bytes.ts';

export type Trials = { readonly trials: number; readonly seconds: number };

export const tickMs = 5000;
const metrics = [
  ['k8s.pod.memory.working_set', 'By', 2e8],
  ['http.server.request.duration', 'ms', 50],
  ['k8s.pod.cpu.usage', '{cpu}', 0.4],
  ['app.pool.size', '', 1000],
] as const;

export interface SampleRate extends Rate {
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
export async function sampleRate(model: StepModel, count: number, trials: Trials): Promise<SampleRate> {
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

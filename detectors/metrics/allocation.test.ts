import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { createRandom, type SampleBatch } from '../../model/index.ts';
import { createNoise, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

/** Most that a batch may cost, whatever its size: promises, results and views, each made once for it. */
const bytesPerBatch = 40_000;
const count = 4096;

/** What the series live through before they are measured. */
interface Life {
  /** From one sample of each to the next, and how many there are. */
  readonly everyMs: number;
  readonly ticks: number;
  /** What is added to the values of one in so many series, then and while they are measured. */
  readonly unrest: (tick: number) => number;
  readonly oneIn: number;
}

const fiveMinutes = { everyMs: 5000, ticks: 60 };
/** Three minutes of work in each hour, known since the fourth. */
const fourHours = { everyMs: 60_000, ticks: 240 };
const work = (tick: number) => (tick % 60 >= 30 && tick % 60 < 33 ? 500 : 0);

interface Cost {
  /** Bytes that a batch of new detectors takes of V8's heap, and how much twenty batches take beside it. */
  readonly heap: number;
  readonly arrays: number;
  /** Revisions of anomalies meanwhile. */
  readonly told: number;
}

/** Measured over 45 batches. */
async function steadyCost({ everyMs, ticks, unrest, oneIn }: Life): Promise<Cost> {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(1));
  const series = Uint32Array.from({ length: count }, (_, at) => catalog.intern(podGauge('app.load', `pod-${at}`, '')));
  const columns = Array.from({ length: 4 }, () => Float64Array.from(series, () => 100 + noise()));
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  let tick = 0;
  let told = 0;

  async function observe(): Promise<void> {
    timesMs.fill(startMs + tick * everyMs);
    values.set(columns[tick % 4]!);
    for (let row = 0; row < count; row += oneIn) values[row]! += unrest(tick);
    const batch: SampleBatch = { kind: 'samples', count, series, timesMs, values };
    const { anomalies, bands } = await detectors.observe(batch);
    for (const band of bands) band.release?.();
    told += anomalies.length;
    tick += 1;
  }

  /** The least of some stretches: now and then the collector, or what V8 compiles, shows in one. */
  async function bytesOfBatch(): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let stretch = 0; stretch < 5; stretch += 1) {
      const before = getHeapStatistics().used_heap_size;
      for (let batch = 0; batch < 5; batch += 1) await observe();
      const used = (getHeapStatistics().used_heap_size - before) / 5;
      if (used > 0) least = Math.min(least, used);
    }
    return least;
  }

  while (tick < ticks) await observe();
  told = 0;
  const heap = await bytesOfBatch();
  const before = process.memoryUsage().arrayBuffers;
  for (let batch = 0; batch < 20; batch += 1) await observe();
  return { heap, arrays: process.memoryUsage().arrayBuffers - before, told };
}

test('in steady state a sample allocates nothing: a batch of 4,096 stays below what one number object for each would take', async () => {
  const { heap, arrays } = await steadyCost({ ...fiveMinutes, unrest: () => 0, oneIn: 1 });
  expect(heap).toBeLessThan(bytesPerBatch);
  // Columns of bands would be 36 bytes a sample.
  expect(arrays).toBeLessThan(count * 36);
});

test('nor once rare things have happened and other detectors lived in the process: V8 had then made a number object a sample', async () => {
  const unrest = (tick: number) => (tick > 20 && tick < 40 ? 500 : 0);
  // One in so many series sees what is rare.
  const { heap } = await steadyCost({ ...fiveMinutes, unrest, oneIn: 64 });
  expect(heap).toBeLessThan(bytesPerBatch);
});

test('nor where a profile of the hour is in use for every series, which looks around it at each new minute', async () => {
  const { heap, told } = await steadyCost({ ...fourHours, unrest: work, oneIn: 1 });
  expect(heap).toBeLessThan(bytesPerBatch);
  // The fifth hour's work is among what was measured.
  expect(told).toBe(0);
});

import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { createRandom, type SampleBatch } from '../../model/index.ts';
import { createNoise, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const every = 5000;
/** Most that a batch may cost, whatever its size: promises, results and views, each made once for it. */
const bytesPerBatch = 40_000;

/** One in so many series sees what is rare. */
const rare = 64;
const count = 4096;

/**
 * Bytes that a batch of new detectors takes of V8's heap, and how much twenty batches take beside it, after five minutes.
 * `unrest` is added to the values of some series on the way there.
 */
async function steadyBytes(unrest: (tick: number) => number): Promise<{ heap: number; arrays: number }> {
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(1));
  const series = Uint32Array.from({ length: count }, (_, at) => catalog.intern(podGauge('app.load', `pod-${at}`, '')));
  const columns = Array.from({ length: 4 }, () => Float64Array.from(series, () => 100 + noise()));
  const timesMs = new Float64Array(count);
  const values = new Float64Array(count);
  let tick = 0;

  async function observe(): Promise<void> {
    timesMs.fill(startMs + tick * every);
    values.set(columns[tick % 4]!);
    for (let row = 0; row < count; row += rare) values[row]! += unrest(tick);
    const batch: SampleBatch = { kind: 'samples', count, series, timesMs, values };
    for (const band of (await detectors.observe(batch)).bands) band.release?.();
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

  while (tick < 60) await observe();
  const heap = await bytesOfBatch();
  const before = process.memoryUsage().arrayBuffers;
  for (let batch = 0; batch < 20; batch += 1) await observe();
  return { heap, arrays: process.memoryUsage().arrayBuffers - before };
}

test('in steady state a sample allocates nothing: a batch of 4,096 stays below what one number object for each would take', async () => {
  const { heap, arrays } = await steadyBytes(() => 0);
  expect(heap).toBeLessThan(bytesPerBatch);
  // Columns of bands would be 36 bytes a sample.
  expect(arrays).toBeLessThan(count * 36);
});

test('nor once rare things have happened and other detectors lived in the process: V8 had then made a number object a sample', async () => {
  const { heap } = await steadyBytes((tick) => (tick > 20 && tick < 40 ? 500 : 0));
  expect(heap).toBeLessThan(bytesPerBatch);
});

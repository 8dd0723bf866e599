import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { createRandom, type SampleBatch } from '../../model/index.ts';
import { createNoise, podGauge, startMs } from '../testing/synthetic.ts';
import { createWorkbench } from '../testing/workbench.ts';

const every = 5000;
/** Most that a batch may cost, whatever its size: promises, results and views, each made once for it. */
const bytesPerBatch = 40_000;

test('in steady state a sample allocates nothing: a batch of 4,096 stays below what one number object for each would take', async () => {
  const count = 4096;
  const { catalog, detectors } = createWorkbench();
  const noise = createNoise(createRandom(1));
  const series = Uint32Array.from({ length: count }, (_, at) => catalog.intern(podGauge('app.load', `pod-${at}`, '')));
  const columns = Array.from({ length: 4 }, () => Float64Array.from(series, () => 100 + noise()));
  const timesMs = new Float64Array(count);
  let tick = 0;

  async function observe(rows: number): Promise<void> {
    timesMs.fill(startMs + tick * every);
    const batch: SampleBatch = { kind: 'samples', count: rows, series, timesMs, values: columns[tick % 4]! };
    for (const band of (await detectors.observe(batch)).bands) band.release?.();
    tick += 1;
  }

  /** The least of some stretches: now and then the collector, or what V8 compiles, shows in one. */
  async function bytesOf(rows: number): Promise<number> {
    let least = Number.POSITIVE_INFINITY;
    for (let stretch = 0; stretch < 5; stretch += 1) {
      const before = getHeapStatistics().used_heap_size;
      for (let batch = 0; batch < 5; batch += 1) await observe(rows);
      const used = (getHeapStatistics().used_heap_size - before) / 5;
      if (used > 0) least = Math.min(least, used);
    }
    return least;
  }

  while (tick < 60) await observe(count);
  expect(await bytesOf(count)).toBeLessThan(bytesPerBatch);
  const arrays = process.memoryUsage().arrayBuffers;
  for (let batch = 0; batch < 20; batch += 1) await observe(count);
  // Columns of bands would be 36 bytes a sample.
  expect(process.memoryUsage().arrayBuffers - arrays).toBeLessThan(count * 36);
});

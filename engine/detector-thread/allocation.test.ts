import { getHeapStatistics } from 'node:v8';
import { expect, test } from 'vitest';
import { shippedForecastModelPath } from '../../detectors/lstm/index.ts';
import { createMemoryCatalog } from '../../detectors/testing/memory-catalog.ts';
import { createNoise, podGauge, startMs } from '../../detectors/testing/synthetic.ts';
import { defaultConfig } from '../../detectors/testing/workbench.ts';
import { createRandom, defaultModelClass, noMetrics, type SampleBatch } from '../../model/index.ts';
import { openDetectorThread } from './open-detector-thread.ts';

const count = 4096;
/** Most that a batch may cost the thread that hands it over, whatever its size. */
const bytesPerBatch = 40_000;

test('handing samples over and taking bands back allocates by the batch, and nothing by the sample', async () => {
  const host = openDetectorThread(defaultConfig());
  const sha256 = await host.prepare(shippedForecastModelPath);
  const catalog = createMemoryCatalog();
  const networks = new Map([[defaultModelClass, sha256]]);
  const detectors = host.create({ catalog, metrics: noMetrics, slos: [], networks });
  const noise = createNoise(createRandom(1));
  const series = Uint32Array.from({ length: count }, (_, at) => catalog.intern(podGauge('app.load', `pod-${at}`, '')));
  const columns = Array.from({ length: 4 }, () => Float64Array.from(series, () => 100 + noise()));
  const timesMs = new Float64Array(count);
  let tick = 0;
  let bands = 0;

  async function observe(): Promise<void> {
    timesMs.fill(startMs + tick * 5000);
    const batch: SampleBatch = { kind: 'samples', count, series, timesMs, values: columns[tick % 4]! };
    for (const band of (await detectors.observe(batch)).bands) {
      bands += band.count;
      band.release?.();
    }
    tick += 1;
  }

  while (tick < 60) await observe();
  bands = 0;
  let heap = Number.POSITIVE_INFINITY;
  const before = process.memoryUsage().arrayBuffers;
  for (let stretch = 0; stretch < 5; stretch += 1) {
    const used = getHeapStatistics().used_heap_size;
    for (let batch = 0; batch < 5; batch += 1) await observe();
    const grown = (getHeapStatistics().used_heap_size - used) / 5;
    // Where the collector came in between nothing can be said.
    if (grown > 0) heap = Math.min(heap, grown);
  }
  expect(bands).toBe(25 * count);
  expect(heap).toBeLessThan(bytesPerBatch);
  // Copies of the columns would be 20 bytes a sample there and 36 back.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(count * 20);
  await host.close();
});

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadForecastModel, servedPrecision, shippedForecastModelPath } from '../../detectors/index.ts';
import { createMemoryCatalog } from '../../detectors/testing/memory-catalog.ts';
import { createNoise, podGauge } from '../../detectors/testing/synthetic.ts';
import { createWorkbench } from '../../detectors/testing/workbench.ts';
import { createStoreBackfill, systemClock, withDefaults } from '../../engine/index.ts';
import { createRandom, noMetrics, type SampleBatch, type SeriesCatalog, type Store } from '../../model/index.ts';
import { openStore, StoreConfig } from '../../store/index.ts';
import type { Bench, BenchOptions, BenchResult } from '../bench.ts';

export const backfillBench: Bench = {
  name: 'backfill',
  title: 'series and samples per second learnt from the own store (chDB) at a start without a state',
  run: measureBackfill,
};

const dayMs = 86_400_000;
const intervalMs = 15_000;
const metricsOfPod = ['memory.working_set', 'cpu.usage', 'request.duration', 'queue.depth'];

async function measureBackfill({ quick, say }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 40 : 1000;
  const days = quick ? 0.5 : 3;
  const directory = await mkdtemp(join(tmpdir(), 'kybern-bench-'));
  const config = withDefaults(StoreConfig, {}) as StoreConfig;
  const store = await openStore({ config, directory, metrics: noMetrics });
  const model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
  try {
    const catalog = createMemoryCatalog();
    const untilMs = Math.floor(Date.now() / intervalMs) * intervalMs;
    say(`${count} series of ${days} days, a sample each ${intervalMs / 1000} s, are written to the store`);
    const stored = await writeHistory(store, catalog, { count, fromMs: untilMs - days * dayMs, untilMs });
    say('they are learnt from it: a value a minute, of the last day every sample');
    const { detectors } = createWorkbench({ catalog, model });
    let samples = 0;
    const backfill = createStoreBackfill(
      { store, catalog, clock: systemClock, metrics: noMetrics, log: { info() {}, warn: (_, text) => say(text) } },
      { days, wholeHours: 24, mostSeconds: 600 },
    );
    const cpu = process.cpuUsage();
    const started = performance.now();
    await backfill.run(
      {
        async learnHistory(batch) {
          samples += batch.count;
          await detectors.learnHistory?.(batch);
        },
        endHistory: async (endMs) => detectors.endHistory?.(endMs),
      },
      untilMs,
      new AbortController().signal,
    );
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    return {
      figures: {
        seriesPerSecond: count / seconds,
        samplesPerSecond: samples / seconds,
        samplesPerCpuSecond: (samples * 1e6) / (user + system),
        storedSamplesPerSecond: stored / seconds,
        residentMegabytes: process.memoryUsage.rss() / 1e6,
      },
      baselines: {},
      bars: [],
    };
  } finally {
    await model.close();
    await store.close();
    await rm(directory, { recursive: true });
  }
}

async function writeHistory(
  store: Store,
  catalog: SeriesCatalog,
  { count, fromMs, untilMs }: { readonly count: number; readonly fromMs: number; readonly untilMs: number },
): Promise<number> {
  const noise = createNoise(createRandom(1));
  const ids = Array.from({ length: count }, (_, at) =>
    catalog.intern(podGauge(metricsOfPod[at % 4]!, `pod-${at >> 2}`, '')),
  );
  const definitions = ids.map((id) => catalog.get(id));
  const wave = Float64Array.from({ length: 4096 }, () => 100 + 5 * noise());
  const ticks = Math.floor(500_000 / count);
  let written = 0;
  for (let timeMs = fromMs; timeMs < untilMs; timeMs += ticks * intervalMs) {
    const rows = Math.min(ticks, (untilMs - timeMs) / intervalMs) * count;
    const batch: SampleBatch = {
      kind: 'samples',
      count: rows,
      series: Uint32Array.from({ length: rows }, (_, row) => ids[row % count]!),
      timesMs: Float64Array.from({ length: rows }, (_, row) => timeMs + Math.floor(row / count) * intervalMs),
      values: Float64Array.from({ length: rows }, (_, row) => wave[(row * 7919 + timeMs / intervalMs) % 4096]!),
    };
    await store.writeSignals({ definitions, samples: [batch], bands: [], logs: [], spans: [] }, `history ${timeMs}`);
    written += rows;
  }
  return written;
}

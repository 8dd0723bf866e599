import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalLabels, createRandom, type MaintenanceWindow, noMetrics, toTimestamp } from '../../model/index.ts';
import { type ForecastModel, loadForecastModel, shippedForecastModelPath } from '../lstm/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createMetricDetector } from './metric-detector.ts';
import { createOperatorRules } from './operator-rules.ts';

const stepMs = 15_000;
const hourMs = 3_600_000;
const seriesCount = 24;
const beforeHours = 4;

let model: ForecastModel;
beforeAll(async () => {
  model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1 });
});
afterAll(() => model.close());

function windowOf(fromMs: number, toMs: number): MaintenanceWindow {
  return {
    ...{ id: 'mnt-1', revision: 1, state: 'planned', by: 'ada', reason: 'a load test' },
    ...{ createdAt: toTimestamp(startMs), updatedAt: toTimestamp(startMs) },
    ...{ from: toTimestamp(fromMs), to: toTimestamp(toMs) },
  };
}

/** Rhythms of half an hour and more with noise that remembers; in the window four times as large. */
function createReadings(): (at: number, timeMs: number, load: number) => number {
  const randoms = Array.from({ length: seriesCount }, (_, at) => createRandom(at + 1));
  const wander = new Float64Array(seriesCount);
  return (at, timeMs, load) => {
    const random = randoms[at]!;
    wander[at] = 0.9 * wander[at]! + random() + random() + random() - 1.5;
    return load * (100 + 25 * Math.sin((2 * Math.PI * timeMs) / (1_800_000 + at * 60_000)) + 4 * wander[at]!);
  };
}

/** Lives through a window of so many hours; gives the errors of forecasts before it and after it, and what was told after it. */
async function liveThrough(windowHours: number) {
  const catalog = createMemoryCatalog();
  const ids = Uint32Array.from({ length: seriesCount }, (_, at) =>
    catalog.intern({
      ...({ name: 'queue.depth', kind: 'gauge', unit: '', origin: 'received' } as const),
      labels: canonicalLabels([['service.name', `cart-${at}`]]),
    }),
  );
  const config = defaultConfig().metrics;
  const rules = createOperatorRules({ threshold: config.threshold });
  const [fromMs, toMs] = [startMs + beforeHours * hourMs, startMs + (beforeHours + windowHours) * hourMs];
  rules.learn({ type: 'maintenance', value: windowOf(fromMs, toMs) });
  const detector = createMetricDetector({ catalog, model, metrics: noMetrics, config, rules, remark: () => '' });
  const readings = createReadings();
  const usual: number[] = [];
  /** By samples since the window. */
  const after: number[][] = [];
  let told = 0;
  for (let timeMs = startMs; timeMs < toMs + hourMs / 2; timeMs += stepMs) {
    const isWithin = timeMs >= fromMs && timeMs < toMs;
    const values = Float64Array.from(ids, (_, at) => readings(at, timeMs, isWithin ? 4 : 1));
    await detector.settle();
    const errors = [...ids].map((id, at) => Math.abs(detector.forecastOf(id) - values[at]!));
    if (timeMs >= toMs) after.push(errors);
    else if (timeMs >= fromMs - hourMs && timeMs < fromMs) usual.push(...errors);
    const timesMs = new Float64Array(seriesCount).fill(timeMs);
    await detector.observe({ kind: 'samples', count: seriesCount, series: ids, timesMs, values });
    detector.advance(timeMs - stepMs);
    for (const { onset } of detector.takeAnomalies()) if (Date.parse(onset) >= toMs) told += 1;
  }
  return { usual: mean(usual), after, told };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.each([0.25, 3])(
  'the network sees nothing of a window of %d h, and foretells as before within a few samples',
  async (hours) => {
    const { usual, after, told } = await liveThrough(hours);
    // Before the first sample after it, nothing is foretold.
    expect(after[0]!.every(Number.isNaN)).toBe(true);
    expect(mean(after.slice(2, 10).flat())).toBeLessThan(1.5 * usual);
    expect(mean(after.slice(10, 40).flat())).toBeLessThan(1.2 * usual);
    expect(told).toBe(0);
  },
);

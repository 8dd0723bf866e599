import { afterAll, beforeAll, expect, test } from 'vitest';
import { canonicalLabels, createRandom, type MaintenanceWindow, noMetrics, toTimestamp } from '../../model/index.ts';
import { type ForecastModel, loadForecastModel, servedPrecision, shippedForecastModelPath } from '../lstm/index.ts';
import { createMemoryCatalog } from '../testing/memory-catalog.ts';
import { startMs } from '../testing/synthetic.ts';
import { defaultConfig } from '../testing/workbench.ts';
import { createMetricDetector } from './metric-detector.ts';
import { createOperatorRules } from './operator-rules.ts';

const stepMs = 15_000;
const hourMs = 3_600_000;
const seriesCount = 24;

let model: ForecastModel;
beforeAll(async () => {
  model = await loadForecastModel({ path: shippedForecastModelPath, threads: 1, precision: servedPrecision });
});
afterAll(() => model.close());

function windowOf(fromMs: number, toMs: number): MaintenanceWindow {
  return {
    ...{ id: 'mnt-1', revision: 1, state: 'planned', by: 'ada', reason: 'a load test' },
    ...{ createdAt: toTimestamp(startMs), updatedAt: toTimestamp(startMs) },
    ...{ from: toTimestamp(fromMs), to: toTimestamp(toMs) },
  };
}

/** Rhythms of half an hour and more, and a slow one, with noise that remembers; in the window four times as large. */
function createReadings(slow: number): (at: number, timeMs: number, load: number) => number {
  const randoms = Array.from({ length: seriesCount }, (_, at) => createRandom(at + 1));
  const wander = new Float64Array(seriesCount);
  return (at, timeMs, load) => {
    const random = randoms[at]!;
    wander[at] = 0.9 * wander[at]! + random() + random() + random() - 1.5;
    const tide = slow * Math.sin(2 * Math.PI * (timeMs / (12 * hourMs) + at / seriesCount));
    return load * (100 + tide + 25 * Math.sin((2 * Math.PI * timeMs) / (1_800_000 + at * 60_000)) + 4 * wander[at]!);
  };
}

interface Through {
  readonly hours: number;
  /** Nothing comes meanwhile, instead of a load test in a window. */
  readonly isGap?: boolean;
  readonly slow?: number;
  readonly beforeHours?: number;
}

/** Lives through it; gives the errors of forecasts before it and after it, and what was told after it. */
async function liveThrough({ hours, isGap = false, slow = 0, beforeHours = 4 }: Through) {
  const catalog = createMemoryCatalog();
  const ids = Uint32Array.from({ length: seriesCount }, (_, at) =>
    catalog.intern({
      ...({ name: 'queue.depth', kind: 'gauge', unit: '', origin: 'received' } as const),
      labels: canonicalLabels([['service.name', `cart-${at}`]]),
    }),
  );
  const config = defaultConfig().metrics;
  const rules = createOperatorRules({ threshold: config.threshold });
  const [fromMs, toMs] = [startMs + beforeHours * hourMs, startMs + (beforeHours + hours) * hourMs];
  if (!isGap) rules.learn({ type: 'maintenance', value: windowOf(fromMs, toMs) });
  const detector = createMetricDetector({ catalog, model, metrics: noMetrics, config, rules, remark: () => '' });
  const readings = createReadings(slow);
  const usual: number[] = [];
  /** By samples since the window. */
  const after: number[][] = [];
  const told: string[] = [];
  for (let timeMs = startMs; timeMs < toMs + hourMs / 2; timeMs += stepMs) {
    const isWithin = timeMs >= fromMs && timeMs < toMs;
    const values = Float64Array.from(ids, (_, at) => readings(at, timeMs, isWithin ? 4 : 1));
    await detector.settle();
    const errors = [...ids].map((id, at) => Math.abs(detector.forecastOf(id) - values[at]!));
    if (timeMs >= toMs) after.push(errors);
    else if (timeMs >= fromMs - hourMs && timeMs < fromMs) usual.push(...errors);
    const timesMs = new Float64Array(seriesCount).fill(timeMs);
    if (!(isGap && isWithin))
      await detector.observe({ kind: 'samples', count: seriesCount, series: ids, timesMs, values });
    detector.advance(timeMs - stepMs);
    for (const { onset, reason } of detector.takeAnomalies()) if (Date.parse(onset) >= toMs) told.push(reason);
  }
  return { usual: mean(usual), after, told };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test.each([0.25, 3])(
  'the network sees nothing of a window of %d h, and foretells as before within a few samples',
  async (hours) => {
    const { usual, after, told } = await liveThrough({ hours });
    // Before the first sample after it, nothing is foretold.
    expect(after[0]!.every(Number.isNaN)).toBe(true);
    expect(mean(after.slice(2, 10).flat())).toBeLessThan(1.5 * usual);
    expect(mean(after.slice(10, 40).flat())).toBeLessThan(1.2 * usual);
    expect(told).toEqual([]);
  },
);

test('after hours without samples nothing is held against what a network foretells that has seen one value', async () => {
  const { usual, after, told } = await liveThrough({ hours: 6, isGap: true, slow: 40, beforeHours: 10 });
  const errors = after.map((each) => mean(each.filter((error) => !Number.isNaN(error))));
  // It is far off at first, and is as good as ever soon.
  expect(errors[1]!).toBeGreaterThan(3 * usual);
  expect(mean(errors.slice(3, 12))).toBeLessThan(1.5 * usual);
  expect(told.filter((reason) => reason.includes('forecast of the LSTM'))).toEqual([]);
});
